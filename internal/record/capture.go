package record

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Capture collects the HTTP exchanges of a check. It holds the secrets that were in them; its Recording does not.
type Capture struct {
	session *probes.Session

	mu        sync.Mutex
	exchanges []exchange
	tokens    map[string]halo.Identity // whose a token is
}

// exchange is one request and its answer, unsanitised.
type exchange struct {
	method, path, query string
	endpoint            wire.Endpoint
	principal           halo.Identity // empty: anonymously
	from                string        // vantage point
	scope               string
	status              int
	header              http.Header
	body                []byte
	failure             string // cause of a missing or incomplete answer
}

// Watch adds what a session asks that has sent no request yet. Of several sessions the first knows every credential.
func (t *Capture) Watch(s *probes.Session) {
	if t.session == nil {
		t.session, t.tokens = s, map[string]halo.Identity{}
	}
	s.Net.OnExchange = t.add
}

func (t *Capture) add(x wire.Exchange) {
	at, err := wire.ParseEndpoint(x.Request.URL.String())
	if err != nil {
		return // no request is sent to such a URL
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := exchange{
		method: x.Request.Method, path: x.Request.URL.Path, query: x.Request.URL.RawQuery, endpoint: at, principal: t.principal(x),
		from: x.Vantage, scope: x.Form.Get("scope"), body: x.Body, failure: wire.Cause(x.Err),
	}
	if x.Answer != nil {
		e.status, e.header = x.Answer.StatusCode, x.Answer.Header.Clone()
		if token := accessToken(x.Body); token != "" && e.principal != "" {
			t.tokens[token] = e.principal
		}
	}
	t.exchanges = append(t.exchanges, e)
}

// principal tells whose credentials or token a request carries; empty: neither.
func (t *Capture) principal(x wire.Exchange) halo.Identity {
	_, token, bearer := strings.Cut(x.Request.Header.Get("Authorization"), " ")
	own, admin := t.session.Credentials, t.session.Admin
	switch id, word := x.Form.Get("client_id"), x.Form.Get("client_secret"); {
	case bearer:
		return t.tokens[token]
	case id == "" && word == "":
		return ""
	case id == admin.ID.Reveal() && word == admin.Secret.Reveal():
		return halo.Admin
	case id == own.ID.Reveal() && word == own.Secret.Reveal():
		return halo.Integration
	}
	return ""
}

// accessToken is the token of an answer: JSON, or the form that some servers answer with; empty where there is none.
func accessToken(body []byte) string {
	var fields struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &fields) == nil {
		return fields.Token
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(body)))
	if err != nil {
		return ""
	}
	return form.Get("access_token")
}

// secrets returns every text that must not be in a recording.
func (t *Capture) secrets() []secret.Text {
	list := []secret.Text{t.session.Credentials.ID, t.session.Credentials.Secret, t.session.Admin.ID, t.session.Admin.Secret}
	for token := range t.tokens {
		list = append(list, secret.New(token))
	}
	return list
}
