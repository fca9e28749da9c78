package halo

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// codes are the claim types of the access levels and permissions that a guide may name: halo-api §6. They are compared
// with case, since lc and LC are different things.
var codes = map[string]string{
	"clients": "Ux", "users": "Fx", "items": "Ix", "invoices": "Xx", "assets": "Dx", "contracts": "Cx", "tickets": "Tx",
	"calendar": "Ax", "projects": "Px", "suppliers": "Sx", "crm": "Ex", "sales": "Ox", "reporting": "Rx", "kb": "Bx",
	"add-tickets": "l6", "edit-closed-tickets": "lf", "edit-others-tickets": "le", "view-others-tickets": "l8",
	"edit-advanced-details": "l1", "view-unassigned-tickets": "l9", "reassign-tickets": "l7", "change-ticket-types": "lc",
	"remove-tickets": "l4", "ticket-types": "Ft", "all-clients": "Fc", "asset-types": "Fa", "asset-fields": "Ff",
	"quotes": "Qx", "sales-orders": "Yx", "purchase-orders": "Zx", "supplier-contracts": "Gx", "billing-details": "Jx",
	"software-licensing": "Lx", "software-releases": "Wx", "documents": "Mx", "services": "Vx", "distribution-lists": "Kx", "timesheets": "Hx",
	"assign-any-team": "ld", "change-status-anywhere": "lo", "export-tickets": "lm", "edit-actions": "l5",
	"view-appointments": "lz", "add-appointments": "lg", "edit-appointments": "lb", "delete-appointments": "lr",
	"view-item-costs": "li", "view-item-prices": "pi",
}

// Code is the claim type of a feature, a permission or a restriction as a guide names it; empty for any other word.
func Code(name string) string { return codes[name] }

// longNames are the older names that claims go by on some instances: halo-api §6. No source has one for Ix, Xx, Fx, le,
// Ft and Fc; the one for lf is the least sure.
var longNames = map[string]string{
	"Administration": "SA", "Technician": "A", "Ticket_Level": "Tx", "Calendar_Level": "Ax", "Customers_Level": "Ux",
	"Sup_Lvl": "Sx", "Serv_Lvl": "Vx", "Contract_Level": "Cx", "Project_Level": "Px", "Sales_Level": "Ox",
	"Reporting_Level": "Rx", "Software_Level": "Wx", "KB_Level": "Bx", "Assets_Level": "Dx", "Timesheets_Level": "Hx",
	"Advanced_Edit": "l1", "Can_Remove_Tickets": "l4", "Can_Edit_Actions": "l5", "Can_Log_Tickets": "l6",
	"Can_Reassign_Tickets": "l7", "Can_View_Tech_Tickets": "l8", "Can_View_Unassigned_Tickets": "l9",
	"Can_Edit_Closed_Tickets": "lf", "Can_Change_Ticket_Types": "lc",
}

// Code is the claim's type as a code: its own, or the one that its long name stands for.
func (c Claim) Code() string {
	if code, ok := longNames[c.Type]; ok {
		return code
	}
	return c.Type
}

// number is the claim's value, 0 and up; false and true count as 0 and 1.
func (c Claim) number() (int, bool) {
	switch v := strings.ToLower(strings.TrimSpace(c.Value)); v {
	case "false":
		return 0, true
	case "true":
		return 1, true
	default:
		f, err := strconv.ParseFloat(v, 64)
		return int(f), err == nil && f >= 0 && f < 1<<31 && f == math.Trunc(f)
	}
}

// ClaimSource is one source of claims: the agent itself or one of its roles.
type ClaimSource struct {
	Name   string
	Claims []Claim
}

// EffectiveClaims are all claims that an agent acts with.
type EffectiveClaims []ClaimSource

// EffectiveClaims are the agent's own claims and those of its roles. Whether the agent's own are merged already is not documented
// (halo-api §6), and makes no difference where the roles' are there too.
func (a *Agent) EffectiveClaims() EffectiveClaims {
	g := EffectiveClaims{{Name: "the agent " + strconv.Quote(a.Name), Claims: a.Claims}}
	for _, r := range a.Roles {
		g = append(g, ClaimSource{Name: "the role " + strconv.Quote(r.Name), Claims: r.Claims})
	}
	return g
}

// Highest is the highest value granted under a code, and by whom: a direct setting cannot lower a role's, nor the other
// way round. A role is named before the agent where both grant the same. ok is false where no claim says anything.
func (g EffectiveClaims) Highest(code string) (value int, from string, ok bool) {
	for _, h := range g {
		for _, c := range h.Claims {
			if n, numeric := c.number(); c.Code() == code && numeric && (!ok || n >= value) {
				value, from, ok = n, h.Name, true
			}
		}
	}
	return value, from, ok
}

// Unreadable tells whether a claim of this code has a value that is none: it may grant anything.
func (g EffectiveClaims) Unreadable(code string) bool {
	return slices.ContainsFunc(g, func(h ClaimSource) bool {
		return slices.ContainsFunc(h.Claims, func(c Claim) bool {
			_, numeric := c.number()
			return c.Code() == code && !numeric
		})
	})
}

// Administrator tells who makes the agent an administrator, which overrides every permission.
func (g EffectiveClaims) Administrator() (from string, ok bool) {
	n, from, ok := g.Highest("SA")
	return from, ok && n > 0
}

// AbsenceMeansNo tells whether a missing claim means "no": others of its family are there, and none that is there may be this
// one under a name, or in a case, that nobody documents.
func (g EffectiveClaims) AbsenceMeansNo(code string) bool {
	relatives, strangers, recased := false, false, false
	for _, h := range g {
		for _, c := range h.Claims {
			relatives = relatives || family(c.Code()) == family(code)
			strangers = strangers || len(c.Type) > 2 // a long name
			recased = recased || c.Type != code && strings.EqualFold(c.Type, code) && !slices.Contains(otherCase, c.Type)
		}
	}
	if slices.Contains(slices.Collect(maps.Values(longNames)), code) {
		strangers = false // its long name is known, so none of those is it
	}
	return relatives && !strangers && !recased
}

// otherCase are codes of their own that differ from others in case alone (halo-api §6). Any other claim in a known code's letters may
// be that one, as an instance that nobody has seen writes it.
var otherCase = []string{"lc", "LC", "lx", "Lx"}

// family is what a code is about: access levels end in x, ticket permissions start with l, restrictions with F.
func family(code string) string {
	switch {
	case len(code) != 2:
		return code
	case code[1] == 'x':
		return "level"
	case code[0] == 'l' || code[0] == 'F':
		return code[:1]
	}
	return code
}
