package login

import (
	"fmt"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
)

// told compares a verdict with what was expected.
func told(t *testing.T, name string, v probes.Verdict, status probes.Status, cause probes.Cause) {
	t.Helper()
	if v.Status != status || v.Cause != cause {
		t.Errorf("%s: %s %s (%s); want %s %s", name, v.Status, v.Cause, v.Because, status, cause)
	}
}

func TestJudgeSlash(t *testing.T) {
	for name, c := range map[string]struct {
		typed  Typed
		status probes.Status
		cause  probes.Cause
	}{
		"with":         {Typed{URL: "https://x/auth/", Given: true, Asked: true}, probes.Passed, probes.OK},
		"without":      {Typed{URL: "https://x/auth", Given: true, Asked: true}, probes.Failed, probes.NoTrailingSlash},
		"then a blank": {Typed{URL: "https://x/auth/ ", Given: true, Asked: true}, probes.Failed, probes.NoTrailingSlash},
		"empty":        {Typed{Given: true, Asked: true}, probes.Failed, probes.NoTrailingSlash},
		"not given":    {Typed{Asked: true}, probes.NotApplicable, ""},
		"not asked":    {Typed{URL: "https://x/auth", Given: true}, probes.NotApplicable, ""},
	} {
		told(t, name, AuthURLSlash.Judge(c.typed), c.status, c.cause)
	}
}

func TestSlashRemedy(t *testing.T) {
	for typed, want := range map[string]string{
		"https://x/auth":          "Type https://x/auth/ with",
		"https://x/auth/ ":        "Type https://x/auth/ with",
		"https://x/auth/?tenant=": AuthURLSlash.Remedy.Do,
		"":                        AuthURLSlash.Remedy.Do,
	} {
		v := AuthURLSlash.Judge(Typed{URL: typed, Given: true, Asked: true})
		got := AuthURLSlash.Remedy.Do
		if v.Remedy != nil {
			got = v.Remedy.Do
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s", typed, got)
		}
	}
}

func TestJudgeEndpoint(t *testing.T) {
	door := func(status int, oauth string) TokenResponse {
		return TokenResponse{Response: network.Response{Path: "/auth/token", Page: wire.Page{Status: status}}, Error: oauth}
	}
	good, dead := door(400, "invalid_request"), door(404, "")
	const typed, named = "https://a/auth/", "https://a/auth"
	for name, c := range map[string]struct {
		endpoint TokenEndpoint
		status   probes.Status
		cause    probes.Cause
	}{
		"typed and named":        {TokenEndpoint{Typed: typed, WasTyped: true, Named: named, Response: good}, probes.Passed, probes.OK},
		"named only":             {TokenEndpoint{Named: named, Response: good}, probes.Passed, probes.OK},
		"works, another named":   {TokenEndpoint{Typed: typed, WasTyped: true, Named: "https://b", Response: good}, probes.Passed, probes.OK},
		"typed dead":             {TokenEndpoint{Typed: typed, WasTyped: true, Named: "https://b", Response: door(404, ""), NamedResponse: &good}, probes.Failed, probes.AuthURLDiffers},
		"typed is a page":        {TokenEndpoint{Typed: typed, WasTyped: true, Named: "https://b", Response: door(200, ""), NamedResponse: &good}, probes.Failed, probes.AuthURLDiffers},
		"both dead":              {TokenEndpoint{Typed: typed, WasTyped: true, Named: named, Response: door(404, "")}, probes.Failed, probes.TokenEndpointMissing},
		"a page":                 {TokenEndpoint{Named: named, Response: door(200, "")}, probes.Failed, probes.NotOAuth},
		"http":                   {TokenEndpoint{Typed: "http://a/auth/", WasTyped: true, Insecure: true, Named: named}, probes.Failed, probes.HTTPSRequired},
		"http, the named works":  {TokenEndpoint{Typed: "http://a/auth/", WasTyped: true, Insecure: true, Named: named, NamedResponse: &good}, probes.Failed, probes.HTTPSRequired},
		"the named is http":      {TokenEndpoint{Insecure: true, Named: "http://a/auth"}, probes.Failed, probes.HTTPSRequired},
		"not a URL":              {TokenEndpoint{Typed: "auth", WasTyped: true, Malformed: true}, probes.Failed, probes.TokenEndpointMissing},
		"not a URL, named works": {TokenEndpoint{Typed: "auth", WasTyped: true, Malformed: true, Named: named, NamedResponse: &good}, probes.Failed, probes.AuthURLDiffers},
		"typed, none named":      {TokenEndpoint{Typed: typed, WasTyped: true, Response: good}, probes.Passed, probes.OK},
		"the web server's login": {TokenEndpoint{Named: named, Response: TokenResponse{Response: network.Response{Page: wire.Page{Status: 401}, Seen: halo.Recognition{Sign: halo.HTTPAuth}}}}, probes.Failed, probes.HTTPAuthRequired},
		"client certificates":    {TokenEndpoint{Named: named, Response: TokenResponse{Response: network.Response{Cause: probes.ClientCertRequired}}}, probes.Failed, probes.ClientCertRequired},
		"cut off":                {TokenEndpoint{Named: named, Response: TokenResponse{Response: network.Response{Cause: probes.ConnectionReset}}}, probes.Unknown, probes.ConnectionReset},
		"an error of its own":    {TokenEndpoint{Named: named, Response: door(400, "server_error")}, probes.Unknown, probes.ServerError},
		"405":                    {TokenEndpoint{Named: named, Response: door(405, "")}, probes.Failed, probes.TokenEndpointMissing},
		"the named is dead, too": {TokenEndpoint{Typed: typed, WasTyped: true, Named: "https://b", Response: door(404, ""), NamedResponse: &dead}, probes.Failed, probes.TokenEndpointMissing},
		"not a URL, both dead":   {TokenEndpoint{Typed: "auth", WasTyped: true, Malformed: true, Named: named, NamedResponse: &dead}, probes.Failed, probes.TokenEndpointMissing},
		"HTTPS in a page's text": {TokenEndpoint{Named: named, Response: TokenResponse{Response: network.Response{Page: wire.Page{Status: 200}}, Description: "only accepts HTTPS"}}, probes.Failed, probes.NotOAuth},
		"429":                    {TokenEndpoint{Named: named, Response: door(429, "")}, probes.Unknown, probes.RateLimited},
		"503":                    {TokenEndpoint{Named: named, Response: door(503, "")}, probes.Unknown, probes.ServerError},
		"TLS ends before it": {TokenEndpoint{Named: named, Response: TokenResponse{
			Response: network.Response{Page: wire.Page{Status: 400}}, Error: "invalid_request", Description: "This server only accepts HTTPS requests.",
		}}, probes.Failed, probes.HTTPSRequired},
	} {
		told(t, name, judgeEndpoint(c.endpoint), c.status, c.cause)
	}
	v := judgeEndpoint(TokenEndpoint{Typed: typed, WasTyped: true, Named: "https://b/auth", Response: door(404, ""), NamedResponse: &good})
	if !strings.Contains(v.Remedy.Do, "https://b/auth/") {
		t.Errorf("the remedy does not give the right URL: %s", v.Remedy.Do)
	}
}

func TestEndpointInWords(t *testing.T) {
	good := TokenResponse{Response: network.Response{Path: "/auth/token", Page: wire.Page{Status: 400}}, Error: "invalid_request"}
	dead := TokenResponse{Response: network.Response{Path: "/auth/token", Page: wire.Page{Status: 404}}}
	for name, c := range map[string]struct {
		endpoint TokenEndpoint
		says, do string
	}{
		"the same":               {TokenEndpoint{Typed: "https://a/auth/", WasTyped: true, Named: "https://A/auth", Response: good}, "https://a/auth/token answers as an OAuth server", ""},
		"named only":             {TokenEndpoint{Named: "https://a/auth", Response: good}, "https://a/auth/token answers as an OAuth server", ""},
		"typed, none named":      {TokenEndpoint{Typed: "https://a", WasTyped: true, Response: good}, "https://a/token answers as an OAuth server", ""},
		"another is named":       {TokenEndpoint{Typed: "https://a", WasTyped: true, Named: "https://b", Response: good}, "https://a/token answers as an OAuth server; the instance itself names https://b", ""},
		"the named is http":      {TokenEndpoint{Insecure: true, Named: "http://a"}, `the instance names "http://a", which is not https; halocheck sends no secret there`, nameHTTPS.Do},
		"typed http":             {TokenEndpoint{Typed: "http://a", WasTyped: true, Insecure: true, Named: "https://b/"}, `"http://a" is not https; halocheck sends no secret there`, "Type https://b/ into"},
		"typed http, named http": {TokenEndpoint{Typed: "http://a", WasTyped: true, Insecure: true, Named: "http://b"}, `"http://a" is not https; halocheck sends no secret there`, nameHTTPS.Do},
		"typed http, none named": {TokenEndpoint{Typed: "http://a", WasTyped: true, Insecure: true}, `"http://a" is not https; halocheck sends no secret there`, AuthURL.Remedy.Do},
		"a blank behind it":      {TokenEndpoint{Typed: "https://a/auth/ ", WasTyped: true, Malformed: true, Named: "https://a/auth"}, `"https://a/auth/ " is not a URL that can be asked`, "Type https://a/auth/ into"},
		"right, and dead":        {TokenEndpoint{Typed: "https://a/auth/", WasTyped: true, Named: "https://a/auth", Response: dead}, "there is no token endpoint at /auth/token: status 404, no content type", endpointBroken("https://a/auth/token").Do},
		"named, and dead":        {TokenEndpoint{Named: "https://a/auth", Response: dead}, "there is no token endpoint at /auth/token: status 404, no content type", endpointBroken("https://a/auth/token").Do},
		"none named, and dead":   {TokenEndpoint{Assumed: "https://a/auth", Response: dead}, "there is no token endpoint at /auth/token: status 404, no content type", AuthURL.Remedy.Do},
		"no URL, none named":     {TokenEndpoint{Typed: "auth", WasTyped: true, Malformed: true}, `"auth" is not a URL that can be asked`, AuthURL.Remedy.Do},
		"no URL, one named":      {TokenEndpoint{Typed: "auth", WasTyped: true, Malformed: true, Named: "https://b", NamedResponse: &good}, `this instance uses https://b; "auth" is no URL that can be asked`, "Type https://b/ into"},
	} {
		v, do := judgeEndpoint(c.endpoint), ""
		if v.Remedy != nil {
			do = v.Remedy.Do
		}
		if v.Because != c.says || !strings.HasPrefix(do, c.do) {
			t.Errorf("%s: %s / %s", name, v.Because, do)
		}
	}
	for _, c := range []struct {
		named, typed string
		want         bool
	}{{"https://b", "https://a", true}, {"https://a", "https://a/", false}, {"", "https://a", false}, {"http://b", "https://a", false},
		{"https://a/auth", "https://A:443/Auth//", false}, {"https://a/auth", "https://a:8443/auth", true}, {"https://a/auth", "https://a/other", true},
		{"https://a/auth", "http://a/auth", true}, {"https://a/auth", "https://a/auth/ ", true}, {"https://a/auth", "https://a/auth/?tenant=x", true}, {"https://a/auth", "https://a:port/auth", true}} {
		if got := differs(c.named, c.typed); got != c.want {
			t.Errorf("%q and %q: differs is %t", c.named, c.typed, got)
		}
	}
}

func TestURLForm(t *testing.T) {
	for text, want := range map[string]urlForm{
		"https://a/auth/": wellFormed, "https://a": wellFormed, "HTTPS://A:8443/auth": wellFormed,
		"http://a/auth/": notSecure, "HTTP://a": notSecure,
		"": notURL, "auth": notURL, "a.halopsa.com/auth": notURL, "ftp://a/auth": notURL, "https://": notURL, "https://a b/": notURL,
		"https://a/auth/?tenant=x": notURL, "https://a/auth/#x": notURL, "https://a/auth?": notURL, "https://a/auth/#": notURL, "https://u:p@a/auth": notURL, "https://a:0/": notURL, "https://a:port/": notURL,
	} {
		if got := form(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestTokenURL(t *testing.T) {
	for _, c := range []struct{ base, tenant, want string }{
		{"https://a/auth/", "", "https://a/auth/token"},
		{"https://a/auth", "acme", "https://a/auth/token?tenant=acme"},
		{"https://a", "a b&c", "https://a/token?tenant=a+b%26c"},
	} {
		if got := tokenURL(c.base, c.tenant); got != c.want {
			t.Errorf("%s", got)
		}
	}
}

func TestStray(t *testing.T) {
	for text, want := range map[string]string{
		"6f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b": "", "": "",
		" x": "a blank at the beginning", "x ": "a blank at the end", "x y": "a blank inside", "x\n": "a line break at the end",
		"\u00a0x": "a no-break space at the beginning", "\"x\"": "a quotation mark at the beginning", "x\u00e9y": "a character that is not ASCII inside",
		"x \n": "a blank at the end", "x\r": "a line break at the end", "x\ty": "a blank inside", "'x": "a quotation mark at the beginning",
		"\u201cx": "a quotation mark at the beginning", "x\u201d": "a quotation mark inside", "x\x1fy": "a character that is not ASCII inside",
		"x\x7f": "a character that is not ASCII inside", "!~": "",
	} {
		if got := stray(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestJudgeForm(t *testing.T) {
	for name, c := range map[string]struct {
		form   Form
		status probes.Status
		cause  probes.Cause
	}{
		"odd, and it works":     {Form{IDGUID: true, SecretIsGUID: true, Works: true}, probes.Passed, probes.OK},
		"as Halo makes them":    {Form{IDGUID: true, SecretIsPair: true}, probes.Passed, probes.OK},
		"another secret":        {Form{IDGUID: true}, probes.Passed, probes.OK},
		"a blank in the secret": {Form{IDGUID: true, SecretStray: "a blank at the end"}, probes.Failed, probes.SecretMalformed},
		"a blank in the id":     {Form{IDStray: "a blank at the end"}, probes.Failed, probes.IDMalformed},
		"in each other's field": {Form{IDIsPair: true, SecretIsGUID: true}, probes.Failed, probes.IDMalformed},
		"no GUID":               {Form{SecretIsPair: true}, probes.Failed, probes.IDMalformed},
		"the id in both fields": {Form{IDGUID: true, IDIsPair: true}, probes.Failed, probes.IDMalformed},
		"a stray in both":       {Form{IDStray: "a blank at the end", SecretStray: "a blank at the end"}, probes.Failed, probes.IDMalformed},
		"half a secret":         {Form{IDGUID: true, SecretIsGUID: true}, probes.Failed, probes.SecretMalformed},
	} {
		told(t, name, judgeForm(c.form), c.status, c.cause)
	}
}

func TestJudgeGrant(t *testing.T) {
	reply := func(status int, code, description string) Grant {
		return Grant{Combined: halo.TokenReply{Page: wire.Page{Status: status}, Error: code, Description: description}}
	}
	granted := Grant{Final: halo.TokenReply{Granted: true}, Kept: []string{"read:tickets"}}
	single := reply(400, "invalid_scope", "")
	single.Each = map[string]halo.TokenReply{"read:items": {}, "read:tickets": {Granted: true}}
	yes, no := true, false
	off, on := reply(400, "invalid_client", ""), reply(401, "invalid_client", "")
	off.Inactive, on.Inactive = &yes, &no
	below, within := reply(400, "invalid_scope", ""), reply(400, "invalid_request", "scope x is not allowed")
	below.Final = reply(400, "invalid_client", "").Combined
	within.Final = below.Final
	front, windows, bodiless := reply(403, "", ""), reply(401, "", ""), reply(401, "", "")
	front.Combined.Before, windows.Combined.WindowsAuth, bodiless.Combined.Empty = "a block page", true, true
	moved := reply(307, "", "")
	moved.Combined.Page.Location = "https://elsewhere"
	for name, c := range map[string]struct {
		grant  Grant
		status probes.Status
		cause  probes.Cause
	}{
		"granted":                   {granted, probes.Passed, probes.OK},
		"one scope granted":         {single, probes.Passed, probes.OK},
		"wrong secret":              {reply(401, "invalid_client", "The specified client credentials are invalid."), probes.Failed, probes.InvalidClient},
		"refused as 400":            {reply(400, "invalid_client", ""), probes.Failed, probes.InvalidClient},
		"switched off":              {off, probes.Failed, probes.ApplicationInactive},
		"seen to be active":         {on, probes.Failed, probes.InvalidClient},
		"another method":            {reply(400, "unauthorized_client", ""), probes.Failed, probes.UnauthorizedClient},
		"another grant":             {reply(400, "unsupported_grant_type", ""), probes.Failed, "unsupported_grant_type"},
		"no scope":                  {reply(400, "invalid_scope", ""), probes.Failed, probes.InvalidScope},
		"no scope and no secret":    {below, probes.Failed, probes.InvalidClient},
		"a scope, and no secret":    {within, probes.Failed, probes.InvalidClient},
		"a page before it":          {front, probes.Unknown, probes.EdgeRefused},
		"a Windows login before it": {windows, probes.Failed, probes.NotOAuth},
		"401 without a body":        {bodiless, probes.Failed, probes.InvalidClient},
		"401 with one":              {reply(401, "", ""), probes.Failed, probes.AccessDenied},
		"403":                       {reply(403, "", ""), probes.Failed, probes.AccessDenied},
		"a sentence for an error":   {reply(400, "Bad things happened.", ""), probes.Failed, probes.NotOAuth},
		"no form of a Client ID":    {Grant{IDMalformed: true}, probes.Failed, probes.IDMalformed},
		"bad request":               {reply(400, "invalid_request", "x"), probes.Failed, probes.InvalidRequest},
		"TLS ends before it":        {reply(400, "invalid_request", "This server only accepts HTTPS requests."), probes.Failed, probes.HTTPSRequired},
		"too many":                  {reply(429, "", ""), probes.Unknown, probes.RateLimited},
		"broken":                    {reply(500, "", ""), probes.Unknown, probes.ServerError},
		"broken, with an error":     {reply(503, "temporarily_unavailable", ""), probes.Unknown, probes.ServerError},
		"moved":                     {moved, probes.Failed, probes.NotOAuth},
		"gone":                      {reply(404, "", ""), probes.Failed, probes.TokenEndpointMissing},
		"a page":                    {reply(200, "", ""), probes.Unknown, probes.AnswerMalformed},
		"a token that is none":      {Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 200}, Unusable: true}}, probes.Unknown, probes.AnswerMalformed},
		"an error that is not ours": {reply(400, "something_else", ""), probes.Failed, "something_else"},
	} {
		told(t, name, judgeGrant(c.grant), c.status, c.cause)
	}
}

func TestGrantAsSeen(t *testing.T) {
	yes := map[string]halo.TokenReply{"read:items": {Error: "invalid_request"}, "read:tickets": {Granted: true}}
	blank, some := " ", "read:items"
	kept := []string{"read:items"}
	for name, c := range map[string]struct {
		grant                       Grant
		granted, refuses, scopeless bool
	}{
		"nothing":               {Grant{}, false, false, true},
		"a token":               {Grant{Final: halo.TokenReply{Granted: true}, Kept: kept}, true, false, false},
		"a token with a scope":  {Grant{Final: halo.TokenReply{Granted: true, Scope: &some}, Kept: kept}, true, false, false},
		"a token without any":   {Grant{Final: halo.TokenReply{Granted: true, Scope: &blank}, Kept: kept}, true, false, true},
		"nothing left to ask":   {Grant{Final: halo.TokenReply{Granted: true, Scope: &some}}, true, false, true},
		"one refused, one not":  {Grant{Each: yes, Kept: kept}, true, true, false},
		"only names unknown":    {Grant{Each: map[string]halo.TokenReply{"read:items": {Error: "invalid_scope"}}, Kept: kept}, false, false, false},
		"granted with an error": {Grant{Each: map[string]halo.TokenReply{"read:items": {Granted: true, Error: "invalid_request"}}, Kept: kept}, true, false, false},
	} {
		if g := c.grant; g.Granted() != c.granted || halo.RefusesScopes(g.Each) != c.refuses || g.scopeless() != c.scopeless {
			t.Errorf("%s: granted %t, refuses %t, scopeless %t", name, g.Granted(), halo.RefusesScopes(g.Each), g.scopeless())
		}
	}
	for _, c := range []struct {
		reply halo.TokenReply
		want  bool
	}{
		{halo.TokenReply{Error: "invalid_scope"}, true},
		{halo.TokenReply{Error: "invalid_request", Description: "x"}, true},
		{halo.TokenReply{Error: "invalid_request", Description: "This server only accepts HTTPS requests."}, false},
		{halo.TokenReply{Error: "invalid_client"}, false},
	} {
		if got := refusedForScope(c.reply); got != c.want {
			t.Errorf("%+v: refused for its scope is %t", c.reply, got)
		}
	}
	sets := byResource([]string{"read:items", "all", "edit:items", "read:tickets"})
	if got := fmt.Sprint(sets); got != "[[read:items edit:items] [all] [read:tickets]]" {
		t.Error(got)
	}
}

func TestGrantInWords(t *testing.T) {
	reply := func(code, description string) string {
		return judgeGrant(Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 400}, Error: code, Description: description}}).Because
	}
	for got, want := range map[string]string{
		reply("", ""):       "the token endpoint answered status 400, without an OAuth error",
		reply("odd", ""):    "the token endpoint answered status 400, odd",
		reply("odd", "why"): `the token endpoint answered status 400, odd ("why")`,
		reply("invalid_client", "client_id is unknown"): whichHalf("client_id") + `the token endpoint answered status 400, invalid_client ("client_id is unknown")`,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	scopesFirst := Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 400}, Error: "invalid_client"}, Final: halo.TokenReply{Page: wire.Page{Status: 400}, Error: "invalid_request"}}
	told(t, "only a refusal for scopes gives way to the last answer", judgeGrant(scopesFirst), probes.Failed, probes.InvalidClient)
}

func TestJudgeMe(t *testing.T) {
	me := func(status int, others map[string]int) Me { return Me{Page: wire.Page{Status: status}, Others: others} }
	for name, c := range map[string]struct {
		me     Me
		status probes.Status
		cause  probes.Cause
	}{
		"answered":           {me(200, nil), probes.Passed, probes.OK},
		"every call refused": {me(403, map[string]int{"Client": 403, "Tickets": 401}), probes.Failed, probes.LoginTypeNotAgent},
		"only this one":      {me(403, map[string]int{"Client": 200, "Tickets": 403}), probes.Unknown, probes.NotObserved},
		"nothing else asked": {me(403, nil), probes.Unknown, probes.NotObserved},
		"too many":           {me(429, nil), probes.Unknown, probes.RateLimited},
		"broken":             {me(502, nil), probes.Unknown, probes.ServerError},
		"not there":          {me(404, nil), probes.Unknown, probes.NotObserved},
		"null, as 204":       {me(204, nil), probes.Passed, probes.OK},
		"401, every call":    {me(401, map[string]int{"Client": 401}), probes.Failed, probes.LoginTypeNotAgent},
		"404, others too":    {me(404, map[string]int{"Client": 403}), probes.Unknown, probes.NotObserved},
		"no token is valid":  {Me{Page: wire.Page{Status: 401, BadToken: true}, Others: map[string]int{"Client": 401}}, probes.Unknown, probes.NotObserved},
		"only here invalid":  {Me{Page: wire.Page{Status: 401, BadToken: true}, Before: "a block page", Others: map[string]int{"Client": 200}}, probes.Unknown, probes.EdgeRefused},
		"a page before it":   {Me{Page: wire.Page{Status: 403}, Before: "a block page", Others: map[string]int{"Client": 403}}, probes.Unknown, probes.EdgeRefused},
		"no scope is named":  {Me{Page: wire.Page{Status: 403}, Others: map[string]int{"Client": 403}, Unnamed: true}, probes.Unknown, probes.NotObserved},
		"cannot be read":     {Me{Page: wire.Page{Status: 200}, Garble: true}, probes.Unknown, probes.AnswerMalformed},
	} {
		told(t, name, judgeLoginType(c.me), c.status, c.cause)
	}
	told(t, "an agent", Agent.Judge(Me{Agent: &halo.Agent{Name: "MSPCentric"}}), probes.Passed, probes.OK)
	told(t, "no agent, as null", Agent.Judge(Me{Page: wire.Page{Status: 200}}), probes.Failed, probes.NoAgent)
	told(t, "an agent that cannot be read", Agent.Judge(Me{Page: wire.Page{Status: 200}, Garble: true}), probes.Unknown, probes.NotObserved)
	told(t, "an agent that is refused", Agent.Judge(Me{Page: wire.Page{Status: 403}}), probes.Unknown, probes.NotObserved)
	told(t, "no agent", Agent.Judge(Me{Page: wire.Page{Status: 204}}), probes.Failed, probes.NoAgent)
}
