package halo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/wire"
)

// Responder is who answered a request.
type Responder string

// The responders. The zero value means that the answer shows none of them.
const (
	HaloPSA      Responder = "halopsa"      // authinfo, or another of its API's own anonymous answers
	OAuthServer  Responder = "oauth"        // an error of RFC 6749 §5.2
	Intermediary Responder = "intermediary" // something before HaloPSA
)

// Sign is how an intermediary shows.
type Sign string

// The signs.
const (
	BlockPage    Sign = "block_page"
	Challenge    Sign = "challenge"   // a test for a browser or a person
	SignIn       Sign = "sign_in"     // a sign-in page, or a redirect to one
	HTTPAuth     Sign = "http_auth"   // Negotiate, NTLM, Basic or Digest
	ClientCert   Sign = "client_cert" // IIS 403.7 and its like
	ProxyError   Sign = "proxy_error" // a gateway without an answer from behind it
	PlainRefusal Sign = "refused"     // 401 or 403 and nothing that tells who refuses
)

// Recognition is what one HTTP answer shows of its sender.
type Recognition struct {
	Who         Responder `json:"who,omitempty"`
	Sign        Sign      `json:"sign,omitempty"`    // of an [Intermediary]
	What        string    `json:"what,omitempty"`    // of an [Intermediary], in words: "a block page of Cloudflare"
	RedirectsTo string    `json:"points,omitempty"`  // where a redirect leads: scheme, host, and the path without what may be data
	Schemes     []string  `json:"schemes,omitempty"` // of [HTTPAuth]
	Says        string    `json:"says,omitempty"`    // what an unknown sender says in words: a page's title, a message
	Print       string    `json:"print,omitempty"`   // equal for equal pages of an unknown sender; numbers do not count
}

// TurnsAway tells whether an intermediary keeps the request from HaloPSA for a reason that is the asker's or a filter's.
func (r Recognition) TurnsAway() bool {
	return slices.Contains([]Sign{BlockPage, Challenge, SignIn, PlainRefusal}, r.Sign)
}

// Recognise decides who sent an answer to an anonymous request. HaloPSA and OAuth servers are known by what only they say
// (contract §10, 7): JSON alone, or a 401 alone, shows neither.
func Recognise(p wire.Page) Recognition {
	var body map[string]any
	if json.Unmarshal(p.Body, &body) == nil {
		switch code := text(body["error"]); {
		case p.Status == http.StatusOK && (isAuthInfo(body) || isInstanceInfo(body)):
			return Recognition{Who: HaloPSA}
		case IsOAuthError(p.Status, code):
			return Recognition{Who: OAuthServer}
		}
	}
	r := before(p)
	if r.Sign != "" {
		r.Who = Intermediary
	}
	if r.Sign == "" || r.Sign == PlainRefusal {
		r.Says = cmp.Or(Title(p), Words(p))
	}
	if r.Print = fingerprint(p); r.Print == "" && r.RedirectsTo != "" {
		r.Print = strconv.Itoa(p.Status) + "-" + r.RedirectsTo
	}
	return r
}

// InterceptedBy tells what answered a request that carried credentials or a token in place of HaloPSA; empty where HaloPSA itself
// may have done so. HaloPSA writes no page to an API's client, while its own refusals may come through any proxy.
func InterceptedBy(p wire.Page) string {
	r := Recognise(p)
	switch {
	case r.Sign == HTTPAuth, r.Sign == SignIn, r.Sign == Challenge, p.IsHTML() && r.TurnsAway():
		return r.What
	case r.TurnsAway() && isForeignMessage(p):
		return r.What + " in words that are not HaloPSA's"
	}
	return ""
}

// isForeignMessage tells whether a refusal says why as gateways do, {"message":"Forbidden"}: HaloPSA's own have no body, or one of its shapes
// (halo-live §5, halo-api §10).
func isForeignMessage(p wire.Page) bool {
	var body map[string]any
	_ = json.Unmarshal(p.Body, &body) // no object has no message
	return hasKey(body, "message") && !slices.ContainsFunc([]string{"ClassName", "Message", "error", "errorMessage", "id"}, func(key string) bool { return hasKey(body, key) })
}

// IsOAuthError tells whether a status and an error code are a token endpoint's refusal: RFC 6749 §5.2.
func IsOAuthError(status int, code string) bool {
	return (status == http.StatusBadRequest || status == http.StatusUnauthorized) && slices.Contains(oauthCodes, code)
}

// oauthCodes are the error codes of RFC 6749 §5.2. Those of the authorisation endpoint (§4.1.2.1) are no answer to a form
// without credentials, and gateways use one of them, access_denied, for themselves.
var oauthCodes = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

// isAuthInfo knows authinfo by its two fields (halo-api §3). The URL may be missing or no whole one, the tenant may be null.
func isAuthInfo(body map[string]any) bool {
	address, _ := body["auth_url"].(string)
	if u, err := url.Parse(strings.TrimSpace(address)); err == nil && u.Host != "" {
		return true
	}
	tenant, ok := body["tenant_id"]
	_, list := tenant.([]any)
	_, object := tenant.(map[string]any)
	name, _ := tenant.(string)
	return ok && !list && !object && !strings.ContainsFunc(name, inNoTenant)
}

// inNoTenant tells characters that no tenant's name has: mark-up, what is invisible, and what was no UTF-8.
func inNoTenant(r rune) bool {
	return r == '<' || r == '>' || r == utf8.RuneError || !unicode.IsPrint(r)
}

// isInstanceInfo knows InstanceInfo by its version beside another field that only HaloPSA has: halo-live §2.
func isInstanceInfo(body map[string]any) bool {
	if text(body["app_version"]) == "" {
		return false
	}
	for _, field := range []string{"database_version", "nhserver_version", "dbid", "hosted_group"} {
		if _, ok := body[field]; ok {
			return true
		}
	}
	return false
}

// before knows what stands before HaloPSA.
func before(p wire.Page) Recognition {
	body := strings.ToLower(string(p.Body[:min(len(p.Body), maxLooked)]))
	owner := ownerOf(p, body)
	of := func(what string) string {
		if owner != "" {
			what += " of " + owner
		}
		return what
	}
	action := strings.ToLower(p.Header.Get("Cf-Mitigated") + p.Header.Get("X-Amzn-Waf-Action"))
	markup := p.IsHTML() || strings.HasPrefix(strings.ToLower(p.Type), "text/plain")
	points, signsIn := redirect(p)
	schemes := authSchemes(p)
	switch {
	case signsIn:
		return Recognition{Sign: SignIn, What: "a redirect to the sign-in page " + points, RedirectsTo: points}
	case points != "" && challengeTarget().MatchString(p.Header.Get("Location")):
		return Recognition{Sign: Challenge, What: of("a challenge for browsers"), RedirectsTo: points}
	case points != "":
		return Recognition{RedirectsTo: points}
	case p.Status == http.StatusUnauthorized && len(schemes) > 0:
		return Recognition{Sign: HTTPAuth, What: "a demand for " + strings.Join(schemes, " or ") + " authentication", Schemes: schemes}
	case p.WantsClientCert():
		return Recognition{Sign: ClientCert, What: "a demand for a client certificate"}
	case action == "challenge" || action == "captcha" || markup && contains(body, challengeWords):
		return Recognition{Sign: Challenge, What: of("a challenge for browsers")}
	case markup && contains(body, passwordWords):
		return Recognition{Sign: SignIn, What: of("a sign-in page")}
	case p.Status == http.StatusBadGateway || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusGatewayTimeout:
		return Recognition{Sign: ProxyError, What: of("an error page")}
	case markup && contains(body, blockWords),
		(p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden) && (markup || owner != ""):
		return Recognition{Sign: BlockPage, What: of("a block page")}
	case p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden:
		return Recognition{Sign: PlainRefusal, What: fmt.Sprintf("a refusal with status %d", p.Status)}
	}
	return Recognition{}
}

// maxLooked bounds how much of a body is searched for words, in bytes.
const maxLooked = 64 << 10

func contains(body string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(body, w) })
}

// Words of pages that stand before an application, in lower case. They are what the products' own default pages say; a page
// with other words is known by its status, or by answering alike everywhere.
var (
	challengeWords = []string{
		"just a moment...", "challenge-platform", "cf-chl", "checking your browser", "verify you are human", "verify that you are human", "verifying you are human",
		"enable javascript and cookies to continue", "g-recaptcha", "h-captcha", "hcaptcha.com", "human verification", "are you a robot", "_incapsula_resource", "awswafintegration", "bot verification",
	}
	passwordWords = []string{`type="password"`, "type='password'", "type=password", `name="samlrequest"`, "login.microsoftonline.com", "sign in to your account", "cloudflareaccess.com"}
	blockWords    = []string{
		"access denied", "access is denied", "access to this page has been denied", "access forbidden", "access to this site is restricted", "you are not authorized to view this page", "not authorized to access",
		"request rejected", "requested url was rejected", "request blocked", "request was blocked", "request has been blocked", "could not be satisfied", "have been blocked", "has been blocked", "is blocked", "page blocked",
		"site blocked", "blocked by", "application blocked", "web application firewall", "website firewall", "attack id", "attack detected", "incident id", "support id", "request unsuccessful. incapsula",
		"ip address is not allowed", "ip address rejected", "ip is not allowed", "your ip has been", "mod_security", "modsecurity", "policy violation", "violates", "security policy", "403 forbidden",
		"zugriff verweigert", "zugriff wurde verweigert", "accès refusé", "accès interdit", "acceso denegado", "accesso negato", "toegang geweigerd",
	}
)

// owners are products that stand before web applications, by a header or by words of their pages.
var owners = []struct{ name, header, value, word string }{
	{"Cloudflare", "Server", "cloudflare", "cloudflare"},
	{"AWS", "Server", "awselb", ""}, {"AWS", "X-Amzn-Waf-Action", "", ""}, {"AWS CloudFront", "Server", "cloudfront", "generated by cloudfront"},
	{"Akamai", "Server", "akamaighost", "errors.edgesuite.net"},
	{"Imperva", "X-Iinfo", "", "incapsula"},
	{"F5", "Server", "bigip", "the requested url was rejected"}, {"F5", "Server", "big-ip", ""},
	{"Azure Application Gateway", "Server", "microsoft-azure-application-gateway", ""}, {"Azure Front Door", "X-Azure-Ref", "", ""},
	{"Sucuri", "X-Sucuri-Id", "", "sucuri website firewall"},
	{"FortiGate", "Server", "fortiweb", "fortigate"}, {"FortiGuard", "", "", "fortiguard"},
	{"Barracuda", "Server", "barracuda", "barracuda"}, {"Sophos", "", "", "sophos"}, {"SonicWall", "Server", "sonicwall", "sonicwall"},
	{"Zscaler", "Server", "zscaler", "zscaler"}, {"Palo Alto Networks", "", "", "palo alto networks"}, {"Squid", "Server", "squid", "generated by squid"}, {"ModSecurity", "", "", "mod_security"},
}

// ownerOf is the product that a page names as its sender; empty where it names none.
func ownerOf(p wire.Page, body string) string {
	for _, o := range owners {
		value := strings.ToLower(p.Header.Get(o.header))
		switch {
		case o.header != "" && value != "" && strings.Contains(value, o.value), o.word != "" && p.IsHTML() && strings.Contains(body, o.word):
			return o.name
		}
	}
	return ""
}

// authSchemes are the schemes of HTTP authentication that an answer demands, in its order. Bearer is none of them: an API
// behind OAuth demands that itself.
func authSchemes(p wire.Page) (schemes []string) {
	for _, value := range p.Header.Values("WWW-Authenticate") {
		for part := range strings.SplitSeq(value, ",") {
			word, _, _ := strings.Cut(strings.TrimSpace(part), " ")
			for _, scheme := range []string{"Negotiate", "NTLM", "Basic", "Digest"} {
				if strings.EqualFold(word, scheme) && !slices.Contains(schemes, scheme) {
					schemes = append(schemes, scheme)
				}
			}
		}
	}
	return schemes
}

// demandsWindowsAuth tells whether an answer demands a Windows login.
func demandsWindowsAuth(p wire.Page) bool {
	return slices.ContainsFunc(authSchemes(p), func(s string) bool { return s == "Negotiate" || s == "NTLM" })
}

// signInWord is in the host or the path of sign-in pages: of identity providers, of gateways, of forms authentication.
var signInWord = lazyregexp.New(`(?i)(^|[/._-])(log-?in|log-?on|sign-?in|sso|saml2?|adfs|oauth2?|authori[sz]e|openid(-connect)?|idp|cas|auth|okta|onelogin|duosecurity|keycloak|microsoftonline|cloudflareaccess|my\.policy|vpn|webvpn|dana-na|captive|hotspot)([/._-]|$)`)

// challengeTarget is where a redirect leads that tests for a browser.
var challengeTarget = lazyregexp.New(`(?i)__cf_chl|captcha|challenge`)

// word is a part of a path that holds no data of anybody's.
var word = lazyregexp.New(`^[A-Za-z._+-]{1,24}[0-9]?$`)

// redirect is where an answer points, and whether that is a sign-in page; empty for an answer that is no redirect.
func redirect(p wire.Page) (points string, signsIn bool) {
	u, err := url.Parse(p.Header.Get("Location"))
	if p.Location == "" || err != nil {
		return "", false
	}
	points = p.Location // resolved against the address that was asked
	for part := range strings.SplitSeq(strings.Trim(u.Path, "/"), "/") {
		if !word().MatchString(part) {
			break
		}
		points += "/" + part
	}
	if strings.HasSuffix(u.Path, "/token") { // nobody signs in at a token endpoint
		return points, false
	}
	return points, signInWord().MatchString(u.Path) || signInWord().MatchString(u.Hostname())
}

// fingerprint is equal for pages that differ in nothing but numbers; empty for an answer without a body, unless its status is
// one that no web server gives by itself to what it does not have.
func fingerprint(p wire.Page) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, string(p.Body[:min(len(p.Body), maxLooked)]))
	if plain := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone}; letters == "" && (p.Status/100 != 4 || slices.Contains(plain, p.Status)) {
		return ""
	}
	sum := sha256.Sum256([]byte(letters))
	return strconv.Itoa(p.Status) + "-" + hex.EncodeToString(sum[:6])
}
