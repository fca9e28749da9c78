package independent_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// form is how an instance says what it is: all that differs between real servers without changing what is true of it. The
// first choice of each is what halo-live.md reports; the others are what its sources, older ones, and ordinary web servers say.
type form struct {
	// Where it is.
	Resource, Auth string // host names; Auth is empty where one host is both
	AuthPath       string // "/auth" or ""
	Addresses      int
	Protocol       string // h2, http/1.1, close after each answer
	Compress       bool
	Authority      int
	TLS            string // both, 1.2, 1.3
	Chunked        bool   // no Content-Length
	Server         string
	Skew           time.Duration // of the server's clock
	Latency        time.Duration // of every answer

	// How JSON is written.
	Mark      bool // a byte order mark before it
	Label     string
	Latin     bool   // bytes as the label says, where that is no UTF-8
	Numbers   string // number, text
	Nulls     string // left out, null
	Indent    bool
	Reversed  bool // keys in the other order
	Escapes   bool // non-ASCII as \u escapes
	ErrorBody string
	Challenge string // WWW-Authenticate of the API's 401

	// What it tells without a token.
	AuthInfo     string
	AuthURL      string // how auth_url is written
	InstanceInfo string
	HostedGroup  bool
	Version      string
	Front        string // GET / and unknown paths outside of /api

	// The token endpoint.
	TenantNeeded  bool
	TenantMissing string
	EmptyPost     string
	Ungranted     string
	ScopeField    string
	ScopeShape    string
	ScopeExtra    bool // names protocol scopes as well, since an id_token comes beside
	TenantQuery   bool // takes the tenant from the query alone
	TokenLabel    string
	Token         string
	ExpiresIn     string
	TokenType     string

	// The API.
	MissingScope int
	List         string
	Count        string
	PageCap      int
	BigMe        bool
	MeEnvelope   string
	MeClaims     string
	ClaimNames   string
	ClaimValues  string // text, number, words
	NoRowsKey    bool   // a list without rows leaves the key out
	Flags        bool   // isdisabled and isapiagent are shown
	Records      string // how single records are wrapped
	Lists        string // how /Roles and /Application are wrapped
	MeLatency    time.Duration
	MeRoles      string
	AgentByID    string
	Roles        string
	Application  string
	TeamList     string
	TeamNames    string
	MeTeams      string
	Workday      string
	NoTeam       string

	StartUp string
}

// drawForm draws a form that fits the instance, and settles what of the instance depends on it.
func drawForm(r *rand.Rand, in *instance) form {
	f := form{
		AuthPath: "/auth", Addresses: pick(r, 1, 1, 2), Protocol: pick(r, "h2", "http/1.1", "close"), Compress: chance(r, 0.3),
		Authority: r.IntN(len(authorities())), TLS: pick(r, "both", "1.2", "1.3"), Chunked: chance(r, 0.2),
		Server: pick(r, "", "Microsoft-IIS/10.0", "cloudflare", "awselb/2.0", "nginx"), Skew: pick(r, 0, 0, 20*time.Minute, -3*time.Hour), Latency: pick(r, 0, 0, 300*time.Millisecond, 1500*time.Millisecond),
		Mark: chance(r, 0.15), Numbers: pick(r, "number", "number", "text", "float"), Latin: chance(r, 0.3), Nulls: pick(r, "left out", "null"),
		Label: pick(r, "application/json; charset=utf-8", "application/json", "application/json;charset=UTF-8", "application/json; charset=utf8",
			"application/json; charset=\"utf-8\"", "application/json; charset=iso-8859-1", "text/json", "text/plain", "text/plain; charset=us-ascii", "application/octet-stream", ""),
		Indent: chance(r, 0.15), Reversed: chance(r, 0.2), Escapes: chance(r, 0.2),
		ErrorBody: pick(r, "empty", "exception", "problem", "message", "text", "string"),
		Challenge: pick(r, "", "Bearer", `Bearer realm="api"`, `Bearer error="insufficient_scope"`),

		AuthURL: pick(r, "plain", "slash", "upper", "port", "case", "blanks"), InstanceInfo: pick(r, "anonymous", "anonymous", "token", "refused"),
		Version: pick(r, "2.250.32", "v2.250.32", "V2.250.32", "2.250.32.0", "2.250.133", "2.250.32 (Stable)", "2.250.32-hotfix"),
		Front:   pick(r, "app", "redirect", "forbidden", "missing", "negotiate", "sso", "broken", "no head"),

		TenantMissing: pick(r, "404", "403", "500", "400"), EmptyPost: pick(r, "invalid_request", "unsupported_grant_type", "invalid_client"),
		Ungranted:  pick(r, "invalid_request", "drop", "invalid_scope"),
		ScopeField: pick(r, "differs", "always", "always", "never"), ScopeShape: pick(r, "blanks", "commas", "comma-blank", "array", "capitals", "many-blanks", "newlines"), ScopeExtra: chance(r, 0.1), TenantQuery: chance(r, 0.5),
		TokenLabel: pick(r, "application/json;charset=UTF-8", "application/json", "text/plain", "text/plain; charset=utf-8", "text/json", "application/octet-stream", ""),
		Token:      pick(r, "opaque", "opaque", "jwt", "long"), ExpiresIn: pick(r, "number", "text", "float", "absent"), TokenType: pick(r, "Bearer", "bearer", "BEARER"),

		MissingScope: pick(r, 401, 403), List: pick(r, "keyed", "keyed", "bare", "results", "sidecars", "no paging"), Count: pick(r, "before", "after", "text", "absent"),
		PageCap: pick(r, 0, 0, 50), BigMe: chance(r, 0.02), MeEnvelope: pick(r, "bare", "bare", "agent", "results", "array"),
		MeClaims: pick(r, "merged", "own", "own", "absent"), ClaimNames: pick(r, "code", "code", "long", "mixed"), ClaimValues: pick(r, "text", "text", "number", "words"),
		NoRowsKey: chance(r, 0.3), Flags: !chance(r, 0.1), Records: pick(r, "bare", "bare", "array", "results"), Lists: pick(r, "bare", "bare", "results", "keyed"), MeLatency: pick(r, 0, 0, 0, 9*time.Second),
		MeRoles: pick(r, "names", "claims", "ids", "list", "absent"), AgentByID: pick(r, "full", "same", "401", "403", "404"),
		Roles: pick(r, "open", "401", "403", "404"), Application: pick(r, "open", "401", "403", "no scopes"),
		TeamList: pick(r, "bare", "keyed", "results", "paged", "paged-capped", "paged-stuck", "403"), TeamNames: pick(r, "full", "full", "null"), MeTeams: pick(r, "full", "null names", "absent", "ids"),
		Workday: pick(r, "name", "id", "null", "absent"), NoTeam: pick(r, "absent", "empty", "null", "words"),
		StartUp: pick(r, "", "", "", "503", "502 html", "retry-after", "retry-date", "slow", "retry-zero", "retry-odd", "retry-past", "reset"),
	}
	drawPlace(r, in, &f)
	return f
}

// drawPlace draws who hosts the instance and where, and what the engineer typed about it. halo-failures §5, halo-live §3
func drawPlace(r *rand.Rand, in *instance, f *form) {
	f.AuthInfo = pick(r, "full", "full", "extra", "no tenant", "no auth url")
	in.typedResource = pick(r, "https://{host}", "{host}", "https://{host}/api", "https://{host}/api/", "HTTPS://{HOST}/", "https://{host}:443/API/")
	switch kind := r.IntN(6); kind {
	case 0, 1: // on premises
		f.Resource = pick(r, "psa.contoso.example", "helpdesk.fabrikam.example")
		in.hosted, in.tenant = false, ""
		if chance(r, 0.3) {
			f.Auth = "login.contoso.example"
			f.AuthPath = pick(r, "/auth", "")
		}
		in.vantages = chance(r, 0.3)
		if chance(r, 0.4) {
			in.typedTenant = new(pick(r, "Not set", "not set", " Not Set "))
		}
		f.AuthInfo = pick(r, "full", "extra", "null tenant", "empty tenant", "no auth url")
	default:
		in.hosted, in.tenant = true, "acme"
		f.HostedGroup, f.TenantNeeded = chance(r, 0.6), chance(r, 0.6)
		switch kind {
		case 2:
			f.Resource = pick(r, "acme.halopsa.com", "beta.haloitsm.com", "gamma.haloservicedesk.com", "delta.halocrm.io")
		case 3:
			f.Resource, f.Auth, f.AuthPath = "gamma.haloservicedesk.com", pick(r, "auth.haloservicedesk.com", "auth.halopsa.com", "uk-trial.halopsa.com"), ""
			f.TenantNeeded = true // a host of many tenants
		case 4:
			f.Resource = "epsilon.trial.usehalo.com"
		default: // the customer's own name
			f.Resource, f.HostedGroup = "service.northwind.example", true
			f.InstanceInfo = "anonymous" // otherwise nothing says who hosts it
			if chance(r, 0.4) {
				f.Auth, f.AuthPath = "sso.northwind.example", pick(r, "/auth", "")
			}
		}
		if chance(r, 0.4) {
			in.typedTenant = new(pick(r, "acme", "ACME", " acme "))
		}
	}
	if f.AuthInfo == "no tenant" && in.tenant != "" && f.TenantNeeded {
		in.typedTenant = new("acme") // nothing else names it
	}
	if f.AuthInfo == "no auth url" || chance(r, 0.6) {
		in.typedAuth = pick(r, "{auth}/", "{auth}/", "{AUTH}/", "{auth:443}/")
	}
}

// String names what is not the first choice, which is what a failing case is about.
func (f form) String() string {
	plain, v := reflect.ValueOf(plainForm), reflect.ValueOf(f)
	var odd []string
	for i := range v.NumField() {
		if !v.Field(i).Equal(plain.Field(i)) {
			odd = append(odd, fmt.Sprintf("%s=%v", v.Type().Field(i).Name, v.Field(i)))
		}
	}
	return strings.Join(odd, " ")
}

// plainForm is the form that halo-live.md reports, on premises.
var plainForm = form{
	Resource: "psa.contoso.example", AuthPath: "/auth", Addresses: 1, Protocol: "h2", TLS: "both",
	Label: "application/json; charset=utf-8", Numbers: "number", Nulls: "left out", ErrorBody: "empty",
	AuthInfo: "full", AuthURL: "plain", InstanceInfo: "anonymous", Version: "2.250.32", Front: "app",
	TenantMissing: "404", EmptyPost: "invalid_request", Ungranted: "invalid_request", ScopeField: "differs", ScopeShape: "blanks",
	TokenLabel: "application/json;charset=UTF-8", Token: "opaque", ExpiresIn: "number", TokenType: "Bearer",
	MissingScope: 401, List: "keyed", Count: "before", MeEnvelope: "bare", MeClaims: "merged", ClaimNames: "code", ClaimValues: "text", Flags: true, Records: "bare", Lists: "bare", MeRoles: "names",
	AgentByID: "full", Roles: "open", Application: "open", TeamList: "bare", TeamNames: "full", MeTeams: "full", Workday: "name", NoTeam: "absent",
}
