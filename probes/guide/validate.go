package guide

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Features are the access levels a role has, as in halo-api §6, with the words each step may be called, lowest first.
// Editions of the product word the same step differently; a guide may use any of the words.
var Features = map[string][][]string{
	"clients":   {{"No Access"}, {"View (Names Only)"}, {"Read Only"}, {"Read and Modify"}},
	"users":     {{"No Access"}, {"View (Names Only)"}, {"Read Only"}, {"Read and Modify"}},
	"items":     {{"No Access"}, {"View (Names Only)"}, {"Read Only"}, {"Read and Modify"}},
	"invoices":  {{"No Access"}, {"Read Only"}, {"Read, Create and Modify", "Read and Modify"}, {"Read, Modify and Remove"}},
	"assets":    {{"No Access"}, {"Read Only"}, {"Read and Modify"}, {"Read, Modify and Remove"}},
	"contracts": {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"tickets":   {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"calendar":  {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"projects":  {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"suppliers": {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"crm":       {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"sales":     {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"reporting": {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
	"kb":        {{"No Access"}, {"Read Only"}, {"Read and Modify"}},
}

// Permissions are the yes/no permissions that a guide may name.
var Permissions = []string{
	"add-tickets", "edit-closed-tickets", "edit-others-tickets", "view-others-tickets", "edit-advanced-details",
	"view-unassigned-tickets", "reassign-tickets", "change-ticket-types", "remove-tickets",
}

// Scopes are the scope names that are known to exist: halo-api §5.
var Scopes = knownScopes()

func knownScopes() []string {
	scopes := []string{"all", "all:standard", "all:teams", "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset"}
	for _, x := range strings.Fields("tickets calendar customers crm timesheets contracts suppliers items projects sales quotes sos pos invoices reporting software softwarelicensing kb assets distributionlists") {
		scopes = append(scopes, "read:"+x, "edit:"+x)
	}
	return scopes
}

// locator finds the line of a field. It parses the file for that, once more, and only where an error needs the line.
type locator struct {
	name string
	data []byte
}

// errorf is an error at a path such as $.network.addresses[1].
func (l locator) errorf(path, format string, args ...any) error {
	place := l.name
	file, _ := parser.ParseBytes(l.data, 0) // it decoded, so it parses
	if p, err := yaml.PathString(path); err == nil && file != nil {
		if node, err := p.FilterFile(file); err == nil && node.GetToken() != nil {
			place = fmt.Sprintf("%s:%d", l.name, node.GetToken().Position.Line)
		}
	}
	return fmt.Errorf("%s: %s: %s", place, strings.TrimPrefix(path, "$."), fmt.Sprintf(format, args...))
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// validate checks what the types cannot.
func (g *Guide) validate(at locator) error {
	if g.Name == "" {
		return at.errorf("$.name", "a guide needs a name")
	}
	if _, err := time.Parse(time.DateOnly, g.AsOf); g.AsOf != "" && err != nil {
		return at.errorf("$.as_of", "%q is not a date, such as 2026-11-28", g.AsOf)
	}
	if g.Network != nil {
		for i, a := range g.Network.Addresses {
			if err := checkAddress(a); err != nil {
				return at.errorf(fmt.Sprintf("$.network.addresses[%d]", i), "%v", err)
			}
		}
	}
	for path, row := range g.rows() {
		if !slices.Contains([]string{"", "must", "should", "may"}, row.Level) {
			return at.errorf(path+".level", "%q is not a level; use must, should or may", row.Level)
		}
		if !slices.Contains([]string{"", "all", "billing", "alerts"}, row.Profile) {
			return at.errorf(path+".profile", "%q is not a profile; use billing or alerts", row.Profile)
		}
	}
	for i, s := range g.Application.Scopes {
		if !slices.Contains(Scopes, s.Name) {
			return at.errorf(fmt.Sprintf("$.application.scopes[%d].name", i), "%q is not a scope that HaloPSA has", s.Name)
		}
	}
	return g.Role.validate(at)
}

func (r Role) validate(at locator) error {
	seen := map[string]bool{}
	checkID := func(path, id string) error {
		switch {
		case !idForm.MatchString(id):
			return at.errorf(path+".id", "%q is not an id; use small letters, digits and hyphens", id)
		case seen[id]:
			return at.errorf(path+".id", "%q stands twice", id)
		}
		seen[id] = true
		return nil
	}
	for i, l := range r.Levels {
		path := fmt.Sprintf("$.role.levels[%d]", i)
		if err := checkID(path, l.ID); err != nil {
			return err
		}
		if Features[l.Feature] == nil {
			return at.errorf(path+".feature", "%q is not a feature with access levels", l.Feature)
		}
		if _, ok := Step(l.Feature, l.AtLeast); !ok {
			return at.errorf(path+".at_least", "%q is not a level of %s", l.AtLeast, l.Feature)
		}
	}
	for i, p := range r.Permissions {
		path := fmt.Sprintf("$.role.permissions[%d]", i)
		if err := checkID(path, p.ID); err != nil {
			return err
		}
		if !slices.Contains(Permissions, p.Permission) {
			return at.errorf(path+".permission", "%q is not a permission", p.Permission)
		}
	}
	for i, x := range r.Restrictions {
		path := fmt.Sprintf("$.role.restrictions[%d]", i)
		if err := checkID(path, x.ID); err != nil {
			return err
		}
		if x.Restriction != "ticket-types" && x.Restriction != "clients" {
			return at.errorf(path+".restriction", "%q is not a restriction; use ticket-types or clients", x.Restriction)
		}
	}
	return nil
}

// Step is the position of a level's words in its feature's scale, from 0; ok is false for words that are not on it.
func Step(feature, words string) (step int, ok bool) {
	for i, names := range Features[feature] {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(words)) }) {
			return i, true
		}
	}
	return 0, false
}

// rows are all rows with their paths.
func (g *Guide) rows() map[string]Row {
	rows := map[string]Row{}
	add := func(path string, r *Row) {
		if r != nil {
			rows[path] = *r
		}
	}
	setting := func(path string, s *Setting) {
		if s != nil {
			rows[path] = s.Row
		}
	}
	add("$.trust", g.Trust)
	add("$.product.version", g.Product.Version)
	add("$.login.secret", g.Login.Secret)
	add("$.login.method", g.Login.Method)
	add("$.login.login_type", g.Login.LoginType)
	add("$.login.agent", g.Login.Agent)
	add("$.application.name", g.Application.Name)
	add("$.application.least_privilege", g.Application.LeastPrivilege)
	add("$.agent.api_only", g.Agent.APIOnly)
	add("$.agent.enabled", g.Agent.Enabled)
	add("$.agent.teams", g.Agent.Teams)
	setting("$.agent.username", g.Agent.Username)
	setting("$.agent.role", g.Agent.Role)
	setting("$.agent.default_team", g.Agent.DefaultTeam)
	setting("$.agent.work_hours", g.Agent.WorkHours)
	for i := range g.Application.Scopes {
		add(fmt.Sprintf("$.application.scopes[%d]", i), &g.Application.Scopes[i].Row)
	}
	for i := range g.Role.Levels {
		add(fmt.Sprintf("$.role.levels[%d]", i), &g.Role.Levels[i].Row)
	}
	for i := range g.Role.Permissions {
		add(fmt.Sprintf("$.role.permissions[%d]", i), &g.Role.Permissions[i].Row)
	}
	for i := range g.Role.Restrictions {
		add(fmt.Sprintf("$.role.restrictions[%d]", i), &g.Role.Restrictions[i].Row)
	}
	return rows
}

// checkAddress refuses what cannot be a vendor's egress address. A published list once held one with three octets:
// halo-failures §1.1.
func checkAddress(text string) error {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil || !a.Is4():
		if octets := strings.Count(text, ".") + 1; octets != 4 && strings.Trim(text, "0123456789.") == "" {
			return fmt.Errorf("%q is not an IPv4 address: it has %d octets, not four", text, octets)
		}
		return fmt.Errorf("%q is not an IPv4 address", text)
	case a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast():
		return fmt.Errorf("%q is not a public address, so a vendor cannot come from it", text)
	}
	return nil
}
