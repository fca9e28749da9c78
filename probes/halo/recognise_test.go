package halo

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
)

// answer is an HTTP answer as ReadPage reads it: a status, "Name: value" headers, and a body.
func answer(t *testing.T, status int, headers, body string) wire.Page {
	t.Helper()
	h := http.Header{}
	for _, line := range strings.Split(headers, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h.Add(name, value)
		}
	}
	req, err := http.NewRequest(http.MethodGet, "https://psa.contoso.example/api/authinfo", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	page, err := wire.ReadPage(&http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestRecognise(t *testing.T) {
	const (
		page = "Content-Type: text/html"
		data = "Content-Type: application/json"
	)
	for name, c := range map[string]struct {
		status        int
		headers, body string
		who           Responder
		sign          Sign
		what          string
	}{
		"authinfo":                          {200, data, `{"auth_url":"https://a.halopsa.com/auth","tenant_id":"a"}`, HaloPSA, "", ""},
		"authinfo after a byte order mark":  {200, data, "\ufeff" + `{"auth_url":"https://a.halopsa.com/auth"}`, HaloPSA, "", ""},
		"authinfo labelled as text":         {200, "Content-Type: text/plain", `{"auth_url":"https://a.halopsa.com/auth"}`, HaloPSA, "", ""},
		"authinfo without an address":       {200, data, `{"tenant_id":null}`, HaloPSA, "", ""},
		"a tenant that is a number":         {200, data, `{"tenant_id":42}`, HaloPSA, "", ""},
		"InstanceInfo":                      {200, data, `{"app_version":"2.236.133","database_version":"2236","hosted_group":"US16-Stable8"}`, HaloPSA, "", ""},
		"a version alone":                   {200, data, `{"app_version":"2.236.133"}`, "", "", ""},
		"an address that is a path":         {200, data, `{"auth_url":"/auth"}`, "", "", ""},
		"tenants as a list":                 {200, data, `{"tenant_id":[]}`, "", "", ""},
		"authinfo's fields, refused":        {403, data, `{"auth_url":"https://a.halopsa.com/auth"}`, Intermediary, PlainRefusal, "a refusal with status 403"},
		"a tenant by name":                  {200, data, `{"tenant_id":"Bücher & Co"}`, HaloPSA, "", ""},
		"a tenant that opens mark-up":       {200, data, `{"tenant_id":"<b"}`, "", "", ""},
		"a tenant that closes mark-up":      {200, data, `{"tenant_id":"b>"}`, "", "", ""},
		"a tenant that was no UTF-8":        {200, data, `{"tenant_id":"a\ud800"}`, "", "", ""},
		"a tenant with what nobody sees":    {200, data, `{"tenant_id":"a\u200b"}`, "", "", ""},
		"any JSON":                          {200, data, `{"message":"Hello from Express"}`, "", "", ""},
		"an empty object":                   {200, data, `{}`, "", "", ""},
		"null":                              {200, data, `null`, "", "", ""},
		"OAuth":                             {400, data, `{"error":"invalid_request","error_description":"x"}`, OAuthServer, "", ""},
		"OAuth after a byte order mark":     {400, data, "\ufeff" + `{"error":"invalid_request"}`, OAuthServer, "", ""},
		"OAuth labelled as text":            {400, "Content-Type: text/plain", `{"error":"invalid_client"}`, OAuthServer, "", ""},
		"OAuth's 401 with Basic":            {401, data + "\nWWW-Authenticate: Basic realm=\"x\"", `{"error":"invalid_client"}`, OAuthServer, "", ""},
		"a route that is not there":         {404, data, `{"error":"Not Found"}`, "", "", ""},
		"a gateway that forbids":            {403, data, `{"error":"Forbidden"}`, Intermediary, PlainRefusal, "a refusal with status 403"},
		"a code of OAuth with 404":          {404, data, `{"error":"invalid_request"}`, "", "", ""},
		"a code of OAuth with 200":          {200, data, `{"error":"invalid_request"}`, "", "", ""},
		"a code of OAuth with 403":          {403, data, `{"error":"invalid_client"}`, Intermediary, PlainRefusal, "a refusal with status 403"},
		"a code of no token endpoint":       {401, data, `{"error":"access_denied"}`, Intermediary, PlainRefusal, "a refusal with status 401"},
		"an error that is a sentence":       {400, data, `{"error":"Bad Request"}`, "", "", ""},
		"an error that is an object":        {400, data, `{"error":{"code":"invalid_request"}}`, "", "", ""},
		"a WAF in JSON":                     {401, data, `{"message":"blocked"}`, Intermediary, PlainRefusal, "a refusal with status 401"},
		"words of a WAF in JSON":            {200, data, `{"message":"Access denied"}`, "", "", ""},
		"a page without words, 401":         {401, page, "<html>No.</html>", Intermediary, BlockPage, "a block page"},
		"a page without words, 403":         {403, page, "<html>No.</html>", Intermediary, BlockPage, "a block page"},
		"Cloudflare refuses in JSON":        {403, data + "\nServer: cloudflare", `{"message":"no"}`, Intermediary, BlockPage, "a block page of Cloudflare"},
		"an empty 401":                      {401, "", "", Intermediary, PlainRefusal, "a refusal with status 401"},
		"an API's own 401":                  {401, "WWW-Authenticate: Bearer", "", Intermediary, PlainRefusal, "a refusal with status 401"},
		"an empty 404":                      {404, "", "", "", "", ""},
		"IIS refuses":                       {403, page + "\nServer: Microsoft-IIS/10.0", "<h2>403 - Forbidden: Access is denied.</h2>", Intermediary, BlockPage, "a block page"},
		"an AWS load balancer":              {403, page + "\nServer: awselb/2.0", "<center><h1>403 Forbidden</h1></center>", Intermediary, BlockPage, "a block page of AWS"},
		"Cloudflare blocks":                 {403, page + "\nServer: cloudflare", "<title>Attention Required! | Cloudflare</title>Sorry, you have been blocked", Intermediary, BlockPage, "a block page of Cloudflare"},
		"F5 with 200":                       {200, page, "<html>The requested URL was rejected. Please consult with your administrator. Your support ID is: 1</html>", Intermediary, BlockPage, "a block page of F5"},
		"a firewall with 503":               {503, page, "<html>Web Page Blocked</html>", Intermediary, ProxyError, "an error page"},
		"a firewall with 500":               {500, page, "<html>Web Page Blocked</html>", Intermediary, BlockPage, "a block page"},
		"a firewall as text":                {200, "Content-Type: text/plain", "Access denied by policy", Intermediary, BlockPage, "a block page"},
		"a challenge by header":             {403, page + "\nCf-Mitigated: challenge\nServer: cloudflare", "<html></html>", Intermediary, Challenge, "a challenge for browsers of Cloudflare"},
		"a challenge by words":              {503, page, "<title>Just a moment...</title>", Intermediary, Challenge, "a challenge for browsers"},
		"an AWS challenge":                  {202, "X-Amzn-Waf-Action: challenge", "", Intermediary, Challenge, "a challenge for browsers of AWS"},
		"to Microsoft":                      {302, "Location: https://login.microsoftonline.com/common/oauth2/authorize?client_id=x", "", Intermediary, SignIn, "a redirect to the sign-in page https://login.microsoftonline.com/common/oauth2/authorize"},
		"to the same host's sign-in":        {302, "Location: /login?ReturnUrl=%2fapi%2fauthinfo", "", Intermediary, SignIn, "a redirect to the sign-in page https://psa.contoso.example/login"},
		"to AD FS":                          {307, "Location: https://sts.contoso.example/adfs/ls/?wa=x", "", Intermediary, SignIn, "a redirect to the sign-in page https://sts.contoso.example/adfs/ls"},
		"to another address":                {301, "Location: https://new.contoso.example/api/authinfo", "", "", "", ""},
		"to nowhere that can be read":       {302, "Location: https://[login/", "", "", "", ""},
		"a 401 with an address":             {401, "Location: /login", "", Intermediary, PlainRefusal, "a refusal with status 401"},
		"created, at an address":            {201, "Location: /login", "", "", "", ""},
		"to a host for signing in":          {302, "Location: https://login.contoso.example/", "", Intermediary, SignIn, "a redirect to the sign-in page https://login.contoso.example"},
		"to itself, with a test":            {307, "Location: /?__cf_chl_tk=x\nServer: cloudflare", "", Intermediary, Challenge, "a challenge for browsers of Cloudflare"},
		"a sign-in form":                    {200, page, `<html><form><input name="p" type="password"></form></html>`, Intermediary, SignIn, "a sign-in page"},
		"Windows authentication":            {401, page + "\nWWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM", "<html>401 - Unauthorized</html>", Intermediary, HTTPAuth, "a demand for Negotiate or NTLM authentication"},
		"Basic authentication":              {401, "WWW-Authenticate: basic realm=\"intranet\", charset=\"UTF-8\"", "", Intermediary, HTTPAuth, "a demand for Basic authentication"},
		"Digest in one line with Negotiate": {401, "WWW-Authenticate: Negotiate, Digest realm=\"x\", nonce=\"y\"", "", Intermediary, HTTPAuth, "a demand for Negotiate or Digest authentication"},
		"a client certificate":              {403, page, "<html>403.7 - Client certificate required</html>", Intermediary, ClientCert, "a demand for a client certificate"},
		"a gateway without an answer":       {502, page, "<html>Bad Gateway</html>", Intermediary, ProxyError, "an error page"},
		"an application's 500":              {500, "", "", "", "", ""},
		"an application's page":             {200, page, "<!doctype html><title>Halo</title><div id=root></div>", "", "", ""},
		"nginx' own page":                   {200, page, "<h1>Welcome to nginx!</h1>", "", "", ""},
	} {
		r := Recognise(answer(t, c.status, c.headers, c.body))
		if r.Who != c.who || r.Sign != c.sign || r.What != c.what {
			t.Errorf("%s: %q %q %q, want %q %q %q", name, r.Who, r.Sign, r.What, c.who, c.sign, c.what)
		}
		if turns := c.sign != "" && c.sign != HTTPAuth && c.sign != ClientCert && c.sign != ProxyError; r.TurnsAway() != turns {
			t.Errorf("%s: turns away is %t", name, r.TurnsAway())
		}
	}
}

// TestInterceptedBy tells of a page or of a demand for HTTP authentication; all else may be HaloPSA's own word.
func TestInterceptedBy(t *testing.T) {
	const (
		page = "Content-Type: text/html"
		data = "Content-Type: application/json"
	)
	for name, c := range map[string]struct {
		status              int
		headers, body, want string
	}{
		"a block page":             {403, page, "<html>Access denied</html>", "a block page"},
		"a sign-in page":           {200, page, `<input type="password">`, "a sign-in page"},
		"a demand for NTLM":        {401, data + "\nWWW-Authenticate: NTLM", `{}`, "a demand for NTLM authentication"},
		"a page of a demand":       {401, page + "\nWWW-Authenticate: NTLM", "<html>401</html>", "a demand for NTLM authentication"},
		"a refusal of a gateway's": {403, data, `{"message":"no"}`, "a refusal with status 403 in words that are not HaloPSA's"},
		"a refusal in JSON":        {403, data, `{"Message":"no"}`, ""},
		"an exception":             {403, data, `{"ClassName":"System.Exception","Message":"no","message":"no"}`, ""},
		"no refusal":               {404, data, `{"message":"no"}`, ""},
		"a redirect to sign in":    {302, "Location: https://login.microsoftonline.com/x", "", "a redirect to the sign-in page https://login.microsoftonline.com/x"},
		"a redirect":               {302, "Location: https://psa.contoso.example/x", "", ""},
		"a refusal in plain words": {403, "Content-Type: text/plain", "Access denied", ""},
		"a gateway's error page":   {502, page, "<html>Bad Gateway</html>", ""},
		"a page of an application": {200, page, "<html>Welcome</html>", ""},
		"HaloPSA":                  {200, page, `{"tenant_id":null}`, ""},
	} {
		if got := InterceptedBy(answer(t, c.status, c.headers, c.body)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Where a redirect leads is told without what may be somebody's data.
func TestRedirectTarget(t *testing.T) {
	for location, want := range map[string]string{
		"https://new.contoso.example/api/authinfo?s=1#x": "https://new.contoso.example/api/authinfo",
		"https://u:p@new.contoso.example/a/6f1d2c3b/b":   "https://new.contoso.example/a",
		"https://new.contoso.example":                    "https://new.contoso.example",
		"//other.example/x":                              "https://other.example/x",
		"/moved":                                         "https://psa.contoso.example/moved",
	} {
		if r := Recognise(answer(t, 301, "Location: "+location, "")); r.RedirectsTo != want {
			t.Errorf("%s: %q, want %q", location, r.RedirectsTo, want)
		}
	}
}

// Pages that differ in numbers alone are one page; others are not, and no body is no page.
func TestFingerprint(t *testing.T) {
	printOf := func(status int, body string) string { return Recognise(answer(t, status, "", body)).Print }
	if printOf(404, "Not found, request 123") != printOf(404, "not found - request 456") || printOf(404, "Not found /a") == printOf(404, "Not found /b") {
		t.Error("pages are compared by more or less than their letters")
	}
	if r := Recognise(answer(t, 307, "Location: /x", "")); r.Print != "307-https://psa.contoso.example/x" {
		t.Errorf("a redirect is %q", r.Print)
	}
	if printOf(404, "") != "" || printOf(404, "404") != "" || printOf(404, "a") == printOf(403, "a") {
		t.Error("a page is its status and its letters")
	}
}
