package fakehalo

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// Values of the healthy instance. The credentials are invented; their shapes are Halo's (halo-api §1).
const (
	clientID     = "6f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b"
	clientSecret = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d-5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9"
	adminID      = "d41d8cd9-8f00-4204-a980-0998ecf8427e"
	adminSecret  = "1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1-0f1e2d3c-4b5a-4697-8887-96a5b4c3d2e1"
	tenantName   = "acme"
	stable       = "2.250.32"
)

// guideAddresses are the addresses that the integration comes from, which the vantage points stand for.
var guideAddresses = []string{"3.19.3.152", "3.19.4.238"}

// guideScopes are what the integration's application is granted.
var guideScopes = []string{
	"read:customers", "read:contracts", "edit:contracts", "read:items", "edit:items", "read:invoices", "edit:invoices",
	"read:tickets", "edit:tickets",
}

// instance is one HaloPSA as its administrators set it up. Faults change it before it serves, or while it does.
type instance struct {
	dialect map[string]string
	version string // empty: told nowhere

	tenant      string   // what authinfo names; empty: no tenants
	needsTenant bool     // the token endpoint breaks without one
	scopes      []string // that this instance knows
	named       string   // the authorisation server as authinfo names it
	home        string   // its own URL

	app   application
	agent agentRecord
	role  roleRecord
	teams []string // of the whole instance; their ids count from 1

	typed Credentials // as typed into the integration
	admin Credentials
	// behave answers in place of the instance; nil lets it answer itself. hit counts from 1 for each operation.
	behave   func(c requestContext, hit int) *reply
	authBase string // path of the authorisation server: "/auth", or "" at the root
	certs    []string
	authCert []string // faults of the authorisation host's certificate; not nil: it is a host of its own
	otherKin bool     // the authorisation server is on another host
	closed   bool     // nothing listens at the URL
	nowhere  bool     // the URL's name does not resolve
	wanted   []string // team names that the user asks about
	lookFrom []string // addresses of vantage points on offer

	tape        *recording      // answers in place of the instance; nil: nothing was recorded
	lookBlind   map[string]bool // vantage points through which nothing can be seen
	authClosed  bool            // nothing listens where the authorisation server should be, on a host of its own
	authNowhere bool            // the name of that host does not resolve
}

// application is the API application.
type application struct {
	id, secret string
	name       string
	scopes     []string
	method     string // "client_credentials"; anything else refuses that grant
	loginType  string // "agent"
	noAgent    bool
	origins    string // cors_whitelist: origins of pages that may ask the API, with commas between them; "*": any
	inactive   bool
}

// agentRecord is the agent that the application logs in as.
type agentRecord struct {
	name        string
	disabled    bool
	apiOnly     bool
	defaultTeam string
	workday     string
	teams       []string
	department  bool // it belongs to the one that there is
	hideClaims  bool
}

// roleRecord is the agent's role. Levels are steps from 0 as in halo-api §6.
type roleRecord struct {
	name        string
	levels      map[string]int // by claim code: Ux, Ix, Xx, Cx, Tx
	permissions map[string]bool
	types       []string // ticket types that it is restricted to; nil: all
	clients     []string

	administrator bool
}

// healthy is an instance that meets the whole guide.
func healthy() *instance {
	i := &instance{
		dialect: map[string]string{}, version: stable, tenant: tenantName, authBase: "/auth",
		scopes: knownScopes(),
		app: application{
			id: clientID, secret: clientSecret, name: "MSPCentric", scopes: slices.Clone(guideScopes),
			method: "client_credentials", loginType: "agent",
		},
		agent: agentRecord{name: "MSPCentric", apiOnly: true, workday: "Default Working Hours", teams: []string{"Service Desk", "Projects"}},
		role: roleRecord{
			name:   "MSPCentric",
			levels: map[string]int{"Ux": 2, "Fx": 3, "Ix": 3, "Xx": 2, "Cx": 2, "Tx": 2},
			permissions: map[string]bool{
				"l6": true, "lf": true, "le": true, "l8": true, "l1": true, "Ft": true, "Fc": true,
			},
		},
		teams:    slices.Clone(teamNames),
		wanted:   []string{"Service Desk"},
		lookFrom: slices.Clone(guideAddresses),
		typed:    Credentials{ClientID: clientID, ClientSecret: clientSecret, Tenant: tenantName},
		admin:    Credentials{ClientID: adminID, ClientSecret: adminSecret, Tenant: tenantName},
	}
	for _, d := range dialects {
		i.dialect[d.Name] = d.Values[0]
	}
	return i
}

// knownScopes exist on every instance: halo-api §5.
func knownScopes() []string {
	return slices.Concat(
		[]string{"all", "all:standard", "all:teams", "admin", "admin:webhooks", "openid", "offline_access"},
		scopePairs("tickets", "calendar", "customers", "crm", "timesheets", "contracts", "suppliers", "items", "projects", "sales", "quotes",
			"sos", "pos", "invoices", "reporting", "software", "softwarelicensing", "kb", "assets", "distributionlists"),
	)
}

func scopePairs(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, "read:"+n, "edit:"+n)
	}
	return out
}

// longNames are the older names of claim codes that are known: halo-api §6. A code without one keeps its code.
var longNames = map[string]string{
	"Ux": "Customers_Level", "Cx": "Contract_Level", "Tx": "Ticket_Level", "l6": "Can_Log_Tickets", "lf": "Can_Edit_Closed_Tickets",
	"l8": "Can_View_Tech_Tickets", "l1": "Advanced_Edit",
}

// claims are the role's permissions as the API writes them.
func (i *instance) claims() []map[string]string {
	levels := maps.Clone(i.role.levels)
	if i.dialect["level-steps"] == "three" {
		// Older codings have no names-only step: the words stay, the numbers move down.
		for _, code := range []string{"Ux", "Fx", "Ix"} {
			levels[code] = max(0, levels[code]-1)
		}
	}
	values := map[string]string{}
	for code, step := range levels {
		values[code] = string(rune('0' + step))
	}
	for code, on := range i.role.permissions {
		values[code] = "0"
		if on {
			values[code] = "1"
		}
	}
	out := []map[string]string{{"type": "SA", "value": strconv.FormatBool(i.role.administrator)}, {"type": "A", "value": "true"}}
	for _, code := range slices.Sorted(maps.Keys(values)) {
		name := code
		if long, ok := longNames[code]; ok && i.dialect["claims"] == "long" {
			name = long
		}
		out = append(out, map[string]string{"type": name, "value": values[code]})
	}
	return out
}

// requestContext is the part of a request that faults depend on.
type requestContext struct {
	operation string // "root", "authinfo", "token", "token-empty", "api"
	path      string
	peer      string
	auth      bool // it came to the authorisation host
	secret    bool // it carries credentials or a token
}

// reply is an answer that stands in for the instance's own.
type reply struct {
	status int
	header http.Header
	kind   string
	body   string
	raw    []byte // sent instead of body; never changed
	pooled bool   // raw can be used again once it was sent
	drop   bool   // cut the connection without an answer
	broken string // one of Breaks; empty: it arrives whole
	asIs   bool   // it was recorded: no header is added to it

	event    string   // "created", "updated" or "deleted": what was written, for webhooks
	wrote    [][]byte // the records
	rows, of int      // of a list, for the journal: how many were sent, and how many there are

	why     string   // the fake itself failed, for the journal
	ignored []string // what the request asked for and nothing heard, for the journal
}
