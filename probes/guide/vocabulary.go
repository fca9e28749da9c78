package guide

import (
	"slices"
	"strings"
)

var (
	threeSteps = [][]string{{"No Access"}, {"Read Only"}, {"Read and Modify"}}
	namesOnly  = [][]string{{"No Access"}, {"View (Names Only)"}, {"Read Only"}, {"Read and Modify"}}
)

// Features are the access levels a role has, as in halo-api §6, with the words each step may be called, lowest first.
// Editions of the product word the same step differently; a guide may use any of the words. The steps of timesheets stand
// in the order of their claim's values and are compared by [Includes] alone.
var Features = map[string][][]string{
	"clients":   namesOnly,
	"users":     namesOnly,
	"items":     namesOnly,
	"invoices":  {{"No Access"}, {"Read Only"}, {"Read, Create and Modify", "Read and Modify"}, {"Read, Modify and Remove", "Read, Create, Modify and Delete"}},
	"assets":    {{"No Access"}, {"Read Only"}, {"Read and Modify"}, {"Read, Modify and Remove", "Read, Modify and Delete"}},
	"contracts": threeSteps, "tickets": threeSteps, "calendar": threeSteps, "projects": threeSteps, "suppliers": threeSteps,
	"crm": threeSteps, "sales": threeSteps, "reporting": threeSteps, "kb": threeSteps, "quotes": threeSteps,
	"sales-orders": threeSteps, "purchase-orders": threeSteps, "supplier-contracts": threeSteps, "billing-details": threeSteps,
	"software-licensing": threeSteps, "software-releases": threeSteps, "documents": threeSteps, "services": threeSteps,
	"distribution-lists": {{"No Access"}, {"Read Only"}, {"Read and Send"}, {"Read and Modify"}},
	"timesheets": {
		{"No Access"}, {"Read and Modify (Own)"}, {"Read and Modify (Managed)"}, {"Read Only"}, {"Read and Modify (All)"},
	},
}

// LevelLabel is a feature's access level as HaloPSA's screen labels it: halo-api §6.
func LevelLabel(feature string) string {
	name := map[string]string{"contracts": "Client Contracts", "crm": "CRM", "kb": "Knowledge Base"}[feature]
	if name == "" {
		words := strings.Fields(strings.ReplaceAll(feature, "-", " "))
		for i, w := range words {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
		name = strings.Join(words, " ")
	}
	return name + " Access Level"
}

// InWords is a feature within a sentence.
func InWords(feature string) string {
	switch feature {
	case "crm":
		return "CRM"
	case "kb":
		return "the knowledge base"
	}
	return strings.ReplaceAll(feature, "-", " ")
}

// RestrictionLabel is the setting that lifts a restriction.
func RestrictionLabel(restriction string) string {
	label, _ := strings.CutSuffix(LevelLabel(restriction), " Access Level")
	return "Allow use of all " + label
}

// uncoded are steps that HaloPSA's screen shows and guides ask for, while no source tells the value of their claim.
var uncoded = map[string][]string{
	"kb":           {"Read, Modify and Delete"},
	"sales-orders": {"Read, Modify and Delete"},
	"timesheets":   {"Read Only (All), Modify Own"},
}

// Step is the position of a level's words in its feature's scale, from 0; ok is false for words that are not on it.
func Step(feature, words string) (step int, ok bool) {
	for i, names := range Features[feature] {
		if containsFold(names, words) {
			return i, true
		}
	}
	return 0, false
}

// asLabelled is a level in the capitals of HaloPSA's screen.
func asLabelled(feature, words string) string {
	for _, label := range slices.Concat(append(slices.Clone(Features[feature]), uncoded[feature])...) {
		if strings.EqualFold(label, strings.TrimSpace(words)) {
			return label
		}
	}
	return words
}

// IsLevel tells whether words name a step of the feature, be its claim's value known or not.
func IsLevel(feature, words string) bool {
	_, ok := Step(feature, words)
	return ok || containsFold(uncoded[feature], words)
}

// reach is how far an access level goes: reading and changing, each from 0.
func reach(feature, words string) (read, modify int) {
	step, ok := Step(feature, words)
	switch {
	case feature == "timesheets" && ok:
		// none, own, managed, all
		return []int{0, 1, 2, 3, 3}[step], []int{0, 1, 2, 0, 3}[step]
	case feature == "timesheets":
		return 3, 1
	case !ok:
		return len(Features[feature]), len(Features[feature]) // deleting is beyond all steps whose value is known
	}
	return step, step
}

// Includes tells whether an access level of one name allows all that another allows.
func Includes(feature, has, want string) bool {
	hasRead, hasModify := reach(feature, has)
	wantRead, wantModify := reach(feature, want)
	return hasRead >= wantRead && hasModify >= wantModify
}

// Reaches tells whether the claim's value step is an access level of at least these words. known is false where no source
// settles it: the words name a step whose value is not known, and the step seen may be that one or not.
func Reaches(feature string, step int, want string) (enough, known bool) {
	scale := Features[feature]
	if step < 0 || step >= len(scale) {
		return false, false
	}
	enough = Includes(feature, scale[step][0], want)
	if _, coded := Step(feature, want); coded || enough {
		return enough, true
	}
	// What is written as Read Only may be Read Only (All), Modify Own; what is written as Read and Modify may include deleting.
	read, _ := reach(feature, scale[step][0])
	top, _ := reach(feature, scale[len(scale)-1][0])
	return false, read < top
}

// Permission steps.
const (
	Own = "own"
	All = "all"
)

// PermissionKind is a permission that a guide may name.
type PermissionKind struct {
	Name  string
	Label string // as HaloPSA's screen shows it; empty: no source quotes it
	Does  string // what it allows, after "may"
	Steps []string
}

// Permissions are the permissions that a guide may name: halo-api §6 and guides §1. Those without steps are Yes or No.
var Permissions = []PermissionKind{
	{Name: "add-tickets", Label: "Can add new tickets", Does: "add new tickets"},
	{Name: "edit-closed-tickets", Label: "Can edit closed tickets", Does: "edit closed tickets"},
	{Name: "edit-others-tickets", Label: "Can edit tickets which are not assigned to them", Does: "edit tickets that are not assigned to it"},
	{Name: "view-others-tickets", Label: "Can view tickets that are assigned to other Agents", Does: "view tickets that are assigned to other agents"},
	{Name: "edit-advanced-details", Label: "Can edit Advanced Ticket Details", Does: "edit advanced ticket details"},
	{Name: "view-unassigned-tickets", Label: "Can view unassigned tickets", Does: "view unassigned tickets"},
	{Name: "reassign-tickets", Label: "Can re-assign tickets", Does: "re-assign tickets"},
	{Name: "change-ticket-types", Label: "Can change a ticket's ticket type", Does: "change a ticket's type"},
	{Name: "remove-tickets", Label: "Can remove tickets", Does: "remove tickets"},
	{Name: "assign-any-team", Label: "Can assign to Agents in Teams the Agent is not a member of", Does: "assign tickets to agents of teams that it does not belong to"},
	{Name: "change-status-anywhere", Label: "Can always change Ticket Statuses and re-assign outside of actions", Does: "change a ticket's status outside of actions"},
	{Name: "export-tickets", Label: "Can export tickets", Does: "export tickets"},
	{Name: "override-priority", Does: "override the maximum priority"},
	{Name: "override-review", Does: "override a ticket's review"},
	{Name: "mark-spam", Does: "use the spam button"},
	{Name: "create-todos", Does: "use to-do lists"},
	{Name: "edit-actions", Label: "Can edit actions", Does: "edit actions", Steps: []string{Own, All}},
	{Name: "view-appointments", Does: "see appointments", Steps: []string{Own, All}},
	{Name: "add-appointments", Does: "add appointments", Steps: []string{Own, All}},
	{Name: "edit-appointments", Does: "edit appointments", Steps: []string{Own, All}},
	{Name: "delete-appointments", Does: "delete appointments", Steps: []string{Own, All}},
	{Name: "view-item-costs", Does: "view item costs"},
	{Name: "view-item-prices", Does: "view item prices"},
	{Name: "view-item-sku", Does: "view the SKU of items"},
	{Name: "configuration", Does: "use all configuration options"},
}

// Whose says of a permission's step whose tickets or appointments it is about, behind what the permission allows.
func Whose(step string) string {
	return map[string]string{Own: " of its own", All: " of everybody"}[step]
}

// AllValue is the claim's value of a permission's step [All]: halo-api §6 has 0 none, 1 own, 3 all, and 2 for adding appointments.
func AllValue(permission string) int {
	if permission == "add-appointments" {
		return 2
	}
	return 3
}

// PermissionNamed is one of Permissions.
func PermissionNamed(name string) (PermissionKind, bool) {
	i := slices.IndexFunc(Permissions, func(k PermissionKind) bool { return k.Name == name })
	if i < 0 {
		return PermissionKind{}, false
	}
	return Permissions[i], true
}

// Restrictions are the restrictions that a guide may want lifted: each is "all" of its name.
var Restrictions = []string{"ticket-types", "clients", "asset-types", "asset-fields"}

// Forms are how an address may have to be typed: as HaloPSA shows it, as a URL with a path at its end, as a URL without one,
// as the host alone without a scheme, or as the first label of the host alone.
var Forms = []string{FormShown, FormPath, FormOrigin, FormHost, FormLabel}

// The forms.
const (
	FormShown  = "as-shown"
	FormPath   = "with-path" // https://acme.halopsa.com/api, https://acme.halopsa.com/auth
	FormOrigin = "origin"    // https://acme.halopsa.com
	FormHost   = "host"      // acme.halopsa.com
	FormLabel  = "label"     // acme
)

// Scopes are the scope names that are known to exist: halo-api §5.
var Scopes = knownScopes()

func knownScopes() []string {
	scopes := []string{"all", "all:standard", "all:teams", "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset"}
	for _, x := range strings.Fields("tickets calendar customers crm timesheets contracts suppliers items projects sales quotes sos pos invoices reporting software softwarelicensing kb assets distributionlists") {
		scopes = append(scopes, "read:"+x, "edit:"+x)
	}
	return scopes
}

func containsFold(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, strings.TrimSpace(word)) })
}

// resources are the scopes' names of the features that have one: halo-api §5.
var resources = map[string]string{
	"tickets": "tickets", "clients": "customers", "users": "customers", "assets": "assets", "items": "items", "invoices": "invoices",
	"contracts": "contracts", "calendar": "calendar", "projects": "projects", "suppliers": "suppliers", "crm": "crm", "sales": "sales",
	"reporting": "reporting", "kb": "kb", "quotes": "quotes", "sales-orders": "sos", "purchase-orders": "pos", "timesheets": "timesheets",
	"software-licensing": "softwarelicensing", "distribution-lists": "distributionlists",
}

// ScopesToRequest are the scopes that a token is asked for to judge a guide: those it names, and, where it wants access to
// a resource and names no scope of it, the resource's own. A token without any opens nothing: halo-api §1.
func (g *Guide) ScopesToRequest() []string {
	if g.request != nil {
		return g.request
	}
	var scopes []string
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(scopes, name) {
				scopes = append(scopes, name)
			}
		}
	}
	for _, s := range g.Application.Scopes {
		add(s.Name)
	}
	for _, s := range g.Application.AnyOf {
		add(s.Scopes...)
	}
	if slices.ContainsFunc(scopes, func(name string) bool { return name == "all" || name == "all:standard" || name == "admin" }) {
		return scopes
	}
	named := slices.Clone(scopes)
	for _, l := range g.Role.Levels {
		resource := resources[l.Feature]
		if resource == "" || slices.Contains(named, "read:"+resource) || slices.Contains(named, "edit:"+resource) {
			continue
		}
		if add("read:" + resource); !Includes(l.Feature, "Read Only", l.AtLeast) {
			add("edit:" + resource)
		}
	}
	return scopes
}
