package independent_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// guideScopes are the nine permissions of the guide's Permissions tab. guide.txt
var guideScopes = strings.Fields("read:customers read:contracts edit:contracts read:items edit:items read:invoices edit:invoices read:tickets edit:tickets")

// knownScopes are the permissions that exist on a Permissions tab. halo-api §5, halo-live §4
var knownScopes = func() []string {
	list := strings.Fields("all all:standard all:teams admin admin:webhooks editMine:timesheets access:chat access:adpasswordreset")
	for _, x := range strings.Fields("tickets calendar customers crm timesheets contracts suppliers items projects sales quotes sos pos invoices reporting software softwarelicensing kb assets distributionlists") {
		list = append(list, "read:"+x, "edit:"+x)
	}
	return list
}()

// need is what one permission claim must at least be. Codes and codings: halo-api §6.
type need struct {
	id   string // the requirement
	code string
	long string // the longer name of older instances; empty where no source names one
	four int    // the least value where the level has four steps
	old  int    // the least value in the older coding of three steps
}

var needs = []need{
	{"role.clients-level", "Ux", "Customers_Level", 2, 1},
	{"role.items-level", "Ix", "", 3, 2},
	{"role.invoices-level", "Xx", "", 2, 2},
	{"role.contracts-level", "Cx", "Contract_Level", 2, 2},
	{"role.tickets-level", "Tx", "Ticket_Level", 2, 2},
	{"role.add-tickets", "l6", "Can_Log_Tickets", 1, 1},
	{"role.edit-closed-tickets", "lf", "", 1, 1},
	{"role.edit-others-tickets", "le", "", 1, 1},
	{"role.view-others-tickets", "l8", "Can_View_Tech_Tickets", 1, 1},
	{"role.edit-advanced-details", "l1", "Advanced_Edit", 1, 1},
	{"role.all-ticket-types", "Ft", "", 1, 1},
	{"role.all-clients", "Fc", "", 1, 1},
}

// claims are permission claims by code, with the values of the coding that the instance uses.
type claims map[string]int

// roleRecord is one role as the administrator set it.
type roleRecord struct {
	id     string
	number int
	name   string
	claims claims
}

type team struct {
	id   int
	name string
}

// instance is what the administrators of one HaloPSA set, before any form of saying it.
type instance struct {
	hosted    bool
	tenant    string // empty: there is none
	version   string
	channelUp bool // the version is the current stable one

	clientID, clientSecret string
	appName                string
	scopes                 []string // ticked
	inactive               bool
	loginType              string // Agent, Client, Supplier
	serviceMethod          bool   // Authentication Method is Client ID and Secret (Services)

	agentID       int // 0: none chosen
	agentName     string
	disabled      bool
	apiOnly       bool
	defaultTeam   string
	workday       string
	own           claims // the agent's direct claims
	roles         []roleRecord
	member        []int // ids of the agent's teams
	teams         []team
	threeSteps    bool // the older coding of levels
	administrator bool // the claim SA, which overrides all others
	unclaimed     bool // no claim tells of clients and ticket types, and none is chosen: all are allowed
	rows          int  // of each list

	// What the engineer typed.
	typedResource string // a pattern with {host}
	typedTenant   *string
	typedAuth     string // a pattern with {auth}: the right URL without its closing slash; empty: nothing typed
	typedSecret   string
	typedID       string
	teamsWanted   []string
	stable        string
	adminGiven    bool
	vantages      bool
	adminScopes   []string
	adminRefused  bool
	hostingForced string
}

// least is the least value of a need in the instance's coding.
func (in *instance) least(n need) int {
	if in.threeSteps {
		return n.old
	}
	return n.four
}

// most is the highest value that a claim has in the instance's coding.
func (in *instance) most(n need) int {
	switch {
	case n.four == 1:
		return 1
	case in.threeSteps || n.code == "Tx" || n.code == "Cx":
		return 2
	}
	return 3
}

// effective is the highest of the agent's own and its roles' claims. halo-api §6
func (in *instance) effective(code string) (value int, found bool) {
	value, found = in.own[code]
	for _, r := range in.roles {
		if v, ok := r.claims[code]; ok {
			value, found = max(value, v), true
		}
	}
	return value, found
}

func guid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, 0x8000|uint16(b)&0x3fff, b>>16)
}

var peopleTeams = []string{"1st Line Support", "Service Desk", "Projects", "Sécurité", "Accounts & Billing", "NOC 24/7", "Field \"A\" Team", "サポート", "Zentrale <IT>"}

// drawInstance makes an instance that satisfies the whole guide.
func drawInstance(r *rand.Rand) *instance {
	in := &instance{
		version: "2.250.32", channelUp: true, stable: "2.250",
		clientID: guid(r), appName: "MSPCentric", scopes: slices.Clone(guideScopes), loginType: "Agent", serviceMethod: true,
		agentID: 2 + r.IntN(90), agentName: pick(r, "MSPCentric", "Gradient"), apiOnly: true, workday: "Default Working Hours",
		own: claims{}, rows: pick(r, 3, 0, 1, 60, 717),
	}
	in.clientSecret = guid(r) + "-" + guid(r)
	in.clientSecret = pick(r, in.clientSecret, in.clientSecret, in.clientSecret, "a+b/c=d&e%41"+strings.ReplaceAll(guid(r), "-", "~"), strings.ToUpper(guid(r)+guid(r)))
	in.typedID, in.typedSecret = pick(r, in.clientID, strings.ToUpper(in.clientID)), in.clientSecret
	for i := range 1 + r.IntN(6) {
		in.teams = append(in.teams, team{id: 1 + i*3, name: peopleTeams[(i*2+r.IntN(2))%len(peopleTeams)]})
	}
	in.teams = uniqueTeams(in.teams)
	if chance(r, 0.25) {
		in.scopes = append(in.scopes, "all:teams") // then the agent need not be in a team
	}
	for _, t := range in.teams {
		if !slices.Contains(in.scopes, "all:teams") || chance(r, 0.3) {
			in.member = append(in.member, t.id)
		}
	}
	if chance(r, 0.5) {
		wanted := in.teams[r.IntN(len(in.teams))].name
		in.teamsWanted = []string{pick(r, wanted, strings.ToUpper(wanted), strings.ToLower(wanted))}
	}
	in.threeSteps = chance(r, 0.15)
	in.drawPermissions(r)
	if in.administrator = chance(r, 0.06); in.administrator {
		for _, c := range append([]claims{in.own}, roleClaims(in)...) {
			for code := range c {
				c[code] = r.IntN(c[code] + 1)
			}
		}
	} else if in.unclaimed = chance(r, 0.06); in.unclaimed {
		for _, c := range append([]claims{in.own}, roleClaims(in)...) {
			delete(c, "Fc")
			delete(c, "Ft")
		}
	}
	in.adminGiven = chance(r, 0.3)
	in.adminScopes = pick(r, []string{"all", "admin"}, []string{"all"}, []string{"admin"})
	return in
}

func uniqueTeams(list []team) []team {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(t team) bool {
		again := seen[t.name]
		seen[t.name] = true
		return again
	})
}

// drawPermissions spreads what the guide asks for over the agent's own claims and any number of roles.
func (in *instance) drawPermissions(r *rand.Rand) {
	count := pick(r, 1, 1, 2, 0, 3, 4, 7)
	for i := range count {
		name := "MSPCentric"
		if i > 0 {
			name = fmt.Sprintf("Role %d", i)
		}
		in.roles = append(in.roles, roleRecord{id: guid(r), number: 10 + i, name: name, claims: claims{}})
	}
	whole := chance(r, 0.5) // all in the first role, as the guide has it
	for _, n := range needs {
		value := in.least(n)
		if chance(r, 0.2) {
			value = in.most(n)
		}
		holder := r.IntN(count + 1)
		if whole && count > 0 {
			holder = 1
		}
		for i := range count + 1 {
			at := in.own
			if i > 0 {
				at = in.roles[i-1].claims
			}
			switch {
			case i == holder:
				at[n.code] = value
			case chance(r, 0.3):
				at[n.code] = r.IntN(value + 1)
			}
		}
	}
	if count > 1 {
		r.Shuffle(count, func(i, j int) { in.roles[i], in.roles[j] = in.roles[j], in.roles[i] })
	}
	if whole && count > 0 && chance(r, 0.5) {
		in.own = claims{}
	}
}

// chance is true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// pick draws the first choice half of the time, else any.
func pick[T any](r *rand.Rand, choices ...T) T {
	if chance(r, 0.5) {
		return choices[0]
	}
	return choices[r.IntN(len(choices))]
}
