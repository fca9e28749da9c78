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

// A Tape hears what goes over the wire during a check. It holds the secrets that it heard; what Recording makes of it does
// not.
type Tape struct {
	session *probes.Session

	mu     sync.Mutex
	heard  []exchange
	tokens map[string]halo.Identity // whose a token is
}

// exchange is one request and its answer as they were.
type exchange struct {
	method, path, query string
	at                  wire.Endpoint
	as                  halo.Identity // empty: anonymously
	from                string        // vantage point
	scope               string
	status              int
	header              http.Header
	body                []byte
	broke               string // the cause why no answer, or only half of one, came
}

// Listen starts a tape of a session that has asked nothing yet.
func Listen(s *probes.Session) *Tape {
	t := &Tape{session: s, tokens: map[string]halo.Identity{}}
	s.Net.OnExchange = t.hear
	return t
}

func (t *Tape) hear(x wire.Exchange) {
	at, err := wire.ParseEndpoint(x.Request.URL.String())
	if err != nil {
		return // no such request is sent
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := exchange{
		method: x.Request.Method, path: x.Request.URL.Path, query: x.Request.URL.RawQuery, at: at, as: t.asker(x),
		from: x.Place, scope: x.Form.Get("scope"), body: x.Body, broke: wire.Cause(x.Err),
	}
	if x.Answer != nil {
		e.status, e.header = x.Answer.StatusCode, x.Answer.Header.Clone()
		if token := accessToken(x.Body); token != "" && e.as != "" {
			t.tokens[token] = e.as
		}
	}
	t.heard = append(t.heard, e)
}

// asker is whose credentials or token a request carries.
func (t *Tape) asker(x wire.Exchange) halo.Identity {
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

// secrets are all that may be in no recording.
func (t *Tape) secrets() []secret.Text {
	list := []secret.Text{t.session.Credentials.ID, t.session.Credentials.Secret, t.session.Admin.ID, t.session.Admin.Secret}
	for token := range t.tokens {
		list = append(list, secret.New(token))
	}
	return list
}
