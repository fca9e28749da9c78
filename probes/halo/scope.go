package halo

import (
	"slices"
	"strings"
)

// HasScope tells whether a set of granted scopes has one. Case is not told apart: guides capitalise, the wire does not
// (halo-api §5).
func HasScope(granted []string, scope string) bool {
	return slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, scope) })
}

// DataScopes are the granted scopes that open data: those of signing in, which come beside an id_token, open none (halo-api §5).
func DataScopes(granted []string) []string {
	return slices.DeleteFunc(slices.Clone(granted), func(g string) bool {
		return slices.Contains([]string{"openid", "offline_access", "profile", "email"}, strings.ToLower(g))
	})
}

// ImpliedBy is the scope that brings another with it: edit:X brings read:X (halo-api §5). Empty for all others.
func ImpliedBy(scope string) string {
	if x, ok := strings.CutPrefix(strings.ToLower(scope), "read:"); ok {
		return "edit:" + x
	}
	return ""
}

// Resource is a list that a scope opens: its path below /api, the key of its rows (halo-api §9) and the feature whose
// access level the role needs for it.
type Resource struct{ Path, Key, Feature string }

var resources = map[string]Resource{
	"customers": {"Client", "clients", "clients"},
	"contracts": {"ClientContract", "contracts", "contracts"},
	"items":     {"Item", "items", "items"},
	"invoices":  {"Invoice", "invoices", "invoices"},
	"tickets":   {"Tickets", "tickets", "tickets"},
	"assets":    {"Asset", "assets", "assets"},
	"projects":  {"Projects", "tickets", "projects"},
	"quotes":    {"Quotation", "quotes", "sales"},
}

// ResourceOf is the list that a scope opens; ok is false where none is known to.
func ResourceOf(scope string) (r Resource, ok bool) {
	_, name, _ := strings.Cut(strings.ToLower(scope), ":")
	r, ok = resources[name]
	return r, ok
}
