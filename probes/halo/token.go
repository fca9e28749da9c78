package halo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// TokenReply is what the token endpoint answered to one request, without the token.
type TokenReply struct {
	Granted bool `json:"granted"`
	Empty   bool `json:"empty,omitempty"` // the answer has no body
	// WindowsAuth says that Negotiate or NTLM is demanded, which no OAuth server does: RFC 6749 §5.2.
	WindowsAuth bool      `json:"windows_auth,omitempty"`
	Before      string    `json:"before,omitempty"`   // what answered in place of the token endpoint
	Unusable    bool      `json:"unusable,omitempty"` // a token came that breaks RFC 6749 appendix A.12; it is never sent
	Page        wire.Page `json:"page"`
	Error       string    `json:"error,omitempty"`             // RFC 6749 §5.2
	Description string    `json:"error_description,omitempty"` // at most 300 bytes, secrets taken out
	Words       string    `json:"words,omitempty"`             // the same of an answer that names no OAuth error: [Words]
	Scope       *string   `json:"scope,omitempty"`             // nil: the answer has no such field (halo-api §1)
	TokenType   string    `json:"token_type,omitempty"`
	ExpiresIn   int64     `json:"expires_in,omitempty"` // seconds
}

// Refused tells whether the endpoint answered as an OAuth server that says no.
func (r TokenReply) Refused() bool { return !r.Granted && r.Error != "" }

// RefusesScopes tells whether the server was seen to refuse a scope that the application lacks, rather than to leave it
// out of the token: halo-api §5. The argument holds the replies to separate requests.
func RefusesScopes(apart map[string]TokenReply) bool {
	for _, r := range apart {
		if !r.Granted && r.Error == "invalid_request" {
			return true
		}
	}
	return false
}

// RequestToken requests a token with an identity's credentials and these scopes. The token is stored for later calls only
// if keep is set. A refusal is an answer; an error means that no answer came. An answer that is neither a token nor an OAuth
// server's refusal is asked for once more, over a new connection: of several nodes behind one address, one may be set up
// differently.
func RequestToken(ctx context.Context, s *probes.Session, who Identity, scopes []string, keep bool) (TokenReply, error) {
	reply, err := requestToken(ctx, s, who, scopes, keep, false)
	if err != nil || reply.Granted || reply.Error != "" || reply.Page.Transient() {
		return reply, err
	}
	again, err := requestToken(ctx, s, who, scopes, keep, true)
	if err != nil || again.Page.Transient() {
		return reply, nil //nolint:nilerr // the first answer stands
	}
	again.Page = again.Page.After(reply.Page)
	return again, nil
}

func requestToken(ctx context.Context, s *probes.Session, who Identity, scopes []string, keep, fresh bool) (TokenReply, error) {
	cache := probes.Local[tokenCache](s)
	endpoint, err := cache.endpoint()
	if err != nil {
		return TokenReply{}, err
	}
	given := s.Credentials
	if who == Admin {
		given = s.Admin
	}
	if !IsClientID(given.ID.Reveal()) {
		return TokenReply{}, &probes.Unobserved{Cause: probes.IDMalformed, Because: "the Client ID has not the form of one (a GUID), so nothing was sent"}
	}
	config := clientcredentials.Config{
		ClientID: given.ID.Reveal(), ClientSecret: given.Secret.Reveal(),
		TokenURL: endpoint, Scopes: scopes,
		AuthStyle: oauth2.AuthStyleInParams, // otherwise a refusal makes oauth2 send the secret a second time
	}
	var token *oauth2.Token
	page, err := s.Net.Retry(ctx, endpoint, func() (wire.Page, error) {
		seen := &responseRecorder{next: s.Net.Transport(true, fresh)}
		client := &http.Client{Transport: seen, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		try, cancel := wire.Attempt(ctx)
		defer cancel()
		var err error
		token, err = config.Token(context.WithValue(try, oauth2.HTTPClient, client))
		if seen.page.Status != 0 {
			return seen.page, nil
		}
		return wire.Page{}, unwrapURL(err)
	})
	if err != nil {
		return TokenReply{Page: page}, err
	}
	if token != nil {
		token.TokenType = "Bearer" // as every client sends it, whatever the answer calls it
		cache.issue(token)
	}
	reply := readReply(page, Redactor(s))
	if token != nil {
		reply.Unusable = !validToken(token.AccessToken)
		reply.Granted = !reply.Unusable
		if keep && reply.Granted {
			cache.keep(who, token, scopes)
		}
	}
	return reply, nil
}

// validToken tells whether a token holds nothing but visible ASCII and blanks: RFC 6749 appendix A.12.
func validToken(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' })
}

// unwrapURL drops the url.Error that http.Client adds: it repeats the address.
func unwrapURL(err error) error {
	if inner := errors.Unwrap(err); inner != nil && strings.Contains(err.Error(), "://") {
		return inner
	}
	return err
}

// responseRecorder is a RoundTripper that keeps the answer.
type responseRecorder struct {
	next http.RoundTripper
	page wire.Page
}

func (r *responseRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if r.page, err = wire.ReadPage(resp); err != nil {
		return nil, err
	}
	body := plainToken(r.page.Body)
	if body == nil {
		body = r.page.Body
	} else {
		resp.Header.Set("Content-Type", "application/json") // the library reads text/plain as a form
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// readReply reads the fields of RFC 6749 §5 out of an answer, whatever its status.
func readReply(p wire.Page, redactor secret.Redactor) TokenReply {
	reply := TokenReply{Page: p, Empty: len(bytes.TrimSpace(p.Body)) == 0, WindowsAuth: demandsWindowsAuth(p)}
	body := tokenFields(p.Body)
	token, _ := body["access_token"].(string)
	granted := p.Status == http.StatusOK && token != "" // nothing before the server grants tokens

	// RFC 6749 §5.2 has a token endpoint demand Basic.
	if schemes := authSchemes(p); !granted && (p.IsHTML() || !slices.Equal(schemes, []string{"Basic"})) {
		reply.Before = InterceptedBy(p)
	}
	keep := func(key string) string {
		return wire.Cut(redactor.Redact(rawText(body[key])))
	}
	reply.Error, reply.Description, reply.TokenType = keep("error"), keep("error_description"), keep("token_type")
	if reply.Error == "" && p.Status/100 != 2 {
		reply.Words = redactor.Redact(Words(p))
	}
	if scope, ok := scopeText(body["scope"]); ok {
		scope = redactor.Redact(scope)
		reply.Scope = &scope
	}
	reply.ExpiresIn = seconds(body["expires_in"])
	return reply
}

// Bounds of a list in one text. HaloPSA has some 60 scopes.
const (
	maxList   = 20 * wire.MaxText // bytes; a longer one is taken apart
	maxScopes = 500
)

// tokenFields are the fields of a token endpoint's answer: its own, where it has any of RFC 6749 §5, else those of the one
// object in it.
func tokenFields(body []byte) map[string]any {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	fields, _ := value.(map[string]any)
	if list, ok := value.([]any); ok && len(list) == 1 {
		fields, _ = list[0].(map[string]any)
	}
	if hasKey(fields, "access_token") || hasKey(fields, "error") {
		return fields
	}
	return unwrap(value)
}

// scopeText is a scope as one string, from a string or from an array of them; ok is false for anything else, which names none.
func scopeText(v any) (scope string, ok bool) {
	switch v := v.(type) {
	case string:
		scope = v
	case []any:
		var names []string
		for _, item := range v {
			name, ok := item.(string)
			if !ok {
				return "", false
			}
			names = append(names, name)
		}
		scope = strings.Join(names, " ")
	default:
		return "", false
	}
	if len(scope) <= maxList {
		return scope, true
	}
	names := strings.FieldsFunc(scope, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	names = slices.DeleteFunc(names, func(name string) bool { return len(name) > wire.MaxText })
	return strings.Join(names[:min(len(names), maxScopes)], " "), true
}

// seconds is a number of seconds, also one written as text; 0 for anything else.
func seconds(v any) int64 {
	if n, err := strconv.ParseFloat(strings.TrimSpace(text(v)), 64); err == nil && n <= math.MaxInt32 { // and NaN is not
		return int64(max(n, 0))
	}
	return 0
}

// plainToken is a token answer as RFC 6749 §5.1 writes it, for the library: numbers as numbers, and nothing else, which may be
// large. Nil where the answer is no
// JSON object.
func plainToken(body []byte) []byte {
	fields := tokenFields(body)
	if fields == nil {
		return nil
	}
	known := map[string]any{}
	for _, key := range []string{"access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token", "error", "error_description", "error_uri"} {
		if value, ok := fields[key]; ok {
			known[key] = value
		}
	}
	if _, ok := known["expires_in"]; ok {
		known["expires_in"] = seconds(known["expires_in"])
	}
	plain, err := json.Marshal(known)
	if err != nil {
		return nil
	}
	return plain
}
