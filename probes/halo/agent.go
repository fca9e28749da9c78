package halo

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
)

// Agent holds the fields of an agent (halo-api §6, Uname) that requirements judge. E-mail addresses are left out.
type Agent struct {
	ID          ID                 `json:"id"`
	Name        string             `json:"name"`
	Disabled    *bool              `json:"isdisabled,omitempty"`
	APIOnly     *bool              `json:"isapiagent,omitempty"`
	Admin       *bool              `json:"is_admin,omitempty"`
	Team        *string            `json:"team,omitempty"` // the default team by name; absent, null and empty are told apart by TeamSeen
	TeamSeen    bool               `json:"team_seen"`      // the answer has the field at all
	Teams       []Member           `json:"teams"`
	Departments []Member           `json:"departments,omitempty"`
	Clients     []RestrictionEntry `json:"clients"` // restrictions; empty: all
	TicketTypes []RestrictionEntry `json:"tickettypes"`
	Roles       []Role             `json:"roles"`
	Claims      []Claim            `json:"claims"`
	Workday     string             `json:"workday_name,omitempty"`
	RoleList    string             `json:"role_list,omitempty"`
	Fields      Fields             `json:"fields"` // which of the lists the answer has
}

// Fields tells an empty list from one that the answer does not have.
type Fields struct {
	Teams       bool `json:"teams"`
	Clients     bool `json:"clients"`
	TicketTypes bool `json:"tickettypes"`
	Roles       bool `json:"roles"`
	Claims      bool `json:"claims"`
	Departments bool `json:"departments,omitempty"`
}

// Claim is one permission: its type, in code or by its long name, and its value as text.
type Claim struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Role holds the fields of a role that requirements judge.
type Role struct {
	ID          ID                 `json:"id"`
	Name        string             `json:"name"`
	Claims      []Claim            `json:"claims,omitempty"`
	ClaimsSeen  bool               `json:"claims_seen,omitempty"` // the record has the list, even if it is empty
	Teams       []Member           `json:"teams,omitempty"`
	Departments []Member           `json:"departments,omitempty"`
	Whole       bool               `json:"whole,omitempty"` // the record has its list of departments, even if it is empty
	Clients     []RestrictionEntry `json:"clients,omitempty"`
	TicketTypes []RestrictionEntry `json:"tickettypes,omitempty"`
}

// ShowsClaims tells whether the record shows the role's claims. An empty list is a role without any, not a hidden one.
func (r Role) ShowsClaims() bool { return r.ClaimsSeen || len(r.Claims) > 0 }

// Member is a team or a department that an agent belongs to.
type Member struct {
	ID   ID     `json:"team_id"`
	Name string `json:"team_name"`
}

// RestrictionEntry is a row of a restriction: a client or a ticket type that the agent is limited to.
type RestrictionEntry struct {
	Name string `json:"name"`                // of a client its id: "client 12"
	Role string `json:"role_name,omitempty"` // set for rows that a role brought
}

// ID is an id as text: numbers and GUIDs alike.
type ID string

// UnmarshalJSON takes a number, a string or null.
func (id *ID) UnmarshalJSON(data []byte) error {
	text := strings.TrimSpace(string(data))
	if text == "null" {
		*id = ""
		return nil
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	*id = ID(text)
	return nil
}

// DecodeAgent reads an answer of /Agent/me or /Agent/{id}: the bare object, or one in an envelope. The agent is nil where
// the answer holds none; an error means that it is no JSON.
func DecodeAgent(body []byte) (*Agent, error) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fmt.Errorf("an agent that is no JSON: %w", err)
	}
	fields := unwrap(value)
	if fields == nil && !isNothing(value) || len(fields) > 0 && !hasKey(fields, "id") && !hasKey(fields, "name") {
		return nil, errors.New("an answer that is no agent")
	}
	a := &Agent{
		ID: ID(text(fields["id"])), Name: text(fields["name"]),
		Disabled: boolean(fields["isdisabled"]), APIOnly: boolean(fields["isapiagent"]), Admin: boolean(fields["is_admin"]),
		Workday: text(fields["workday_name"]), RoleList: roleList(rawText(fields["role_list"])),
		Claims: claims(fields["claims"]), Roles: roles(fields["roles"]),
		Teams: members(fields["teams"], "team"), Departments: members(fields["departments"], "department"),
		Clients: limited(fields["clients"]), TicketTypes: allowed(fields["tickettypes"], "tickettype_name"),
	}
	if team, ok := fields["team"]; ok {
		a.TeamSeen = true
		if name, ok := team.(string); ok {
			short := wire.Bound(name)
			a.Team = &short
		}
	}
	for key, seen := range map[string]*bool{
		"teams": &a.Fields.Teams, "clients": &a.Fields.Clients, "tickettypes": &a.Fields.TicketTypes,
		"roles": &a.Fields.Roles, "departments": &a.Fields.Departments,
	} {
		*seen = isList(fields[key])
	}
	a.Fields.Claims = showsClaims(fields["claims"])
	if (a.ID == "" || a.ID == "0") && a.Name == "" {
		return nil, nil //nolint:nilnil // no agent is an answer
	}
	return a, nil
}

// isNothing tells whether a JSON value is null or an empty list, which are ways to write that there is none.
func isNothing(value any) bool {
	list, ok := value.([]any)
	return value == nil || ok && len(list) == 0
}

func hasKey(fields map[string]any, key string) bool {
	_, ok := fields[key]
	return ok
}

// DecodeRole reads an answer of /Roles/{id}; nil where it holds none.
func DecodeRole(body []byte) *Role {
	list := roles([]any{Object(body)})
	if len(list) == 0 || list[0].ID == "" {
		return nil
	}
	return &list[0]
}

// text is a JSON value as text that is not longer than what may be shown.
func text(v any) string { return wire.Bound(rawText(v)) }

// rawText is a JSON value as text; numbers without a fraction stay whole, null and lists are empty.
func rawText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// roleList is a list of names in one text, of which the whole is bounded.
func roleList(names string) string {
	if len(names) > maxList {
		return wire.Bound(names)
	}
	return names
}

// boolean is a JSON boolean, also one written as text or number; nil where there is none.
func boolean(v any) *bool {
	if b, ok := v.(bool); ok {
		return &b
	}
	if b, err := strconv.ParseBool(text(v)); err == nil {
		return &b
	}
	return nil
}

// isList tells whether a JSON value is an array.
func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

// showsClaims tells whether a JSON value is a list of claims, all of which can be read.
func showsClaims(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(row any) bool {
		fields, _ := row.(map[string]any)
		return !hasKey(fields, "type")
	})
}

// rowsOf are the rows of a list as objects. A row that is a bare value, and not null, is a record with that value alone: an
// id where it is a number, else a name. No row is lost: a list of what cannot be read must not look empty.
func rowsOf(v any, id, name string) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		switch row := item.(type) {
		case map[string]any:
			out = append(out, row)
		case float64:
			out = append(out, map[string]any{id: row})
		case nil:
		default:
			out = append(out, map[string]any{name: row})
		}
	}
	return out
}

func claims(v any) []Claim {
	out := []Claim{}
	for _, o := range rowsOf(v, "", "") {
		if hasKey(o, "type") {
			out = append(out, Claim{Type: text(o["type"]), Value: text(o["value"])})
		}
	}
	return out
}

func members(v any, prefix string) []Member {
	out := []Member{}
	for _, o := range rowsOf(v, prefix+"_id", prefix+"_name") {
		out = append(out, Member{ID: ID(text(o[prefix+"_id"])), Name: text(o[prefix+"_name"])})
	}
	return out
}

func allowed(v any, key string) []RestrictionEntry {
	out := []RestrictionEntry{}
	for _, o := range rowsOf(v, key, key) {
		out = append(out, RestrictionEntry{Name: text(o[key]), Role: text(o["role_name"])})
	}
	return out
}

// limited decodes client restrictions. Clients are kept by id only: their names are the customer's business.
func limited(v any) []RestrictionEntry {
	out := []RestrictionEntry{}
	for i, o := range rowsOf(v, "client_id", "client_name") {
		id := text(o["client_id"])
		if id == "" {
			id = fmt.Sprintf("without an id, row %d", i+1)
		}
		out = append(out, RestrictionEntry{Name: "client " + id, Role: text(o["role_name"])})
	}
	return out
}

func roles(v any) []Role {
	out := []Role{}
	for _, o := range rowsOf(v, "id", "name") {
		out = append(out, Role{
			ID: ID(text(o["id"])), Name: text(o["name"]), Claims: claims(o["claims"]), ClaimsSeen: showsClaims(o["claims"]), Teams: members(o["teams"], "team"),
			Departments: members(o["departments"], "department"), Whole: isList(o["departments"]), Clients: limited(o["clients"]), TicketTypes: allowed(o["tickettypes"], "tickettype_name"),
		})
	}
	return out
}
