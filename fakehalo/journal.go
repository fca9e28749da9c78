package fakehalo

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one entry of the journal. Secrets, tokens and Authorization headers are not in it.
type Request struct {
	At        time.Time         `json:"at"`
	Peer      string            `json:"peer"` // address without the port
	Host      string            `json:"host"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Query     string            `json:"query,omitempty"`   // secrets show as "***"
	Form      map[string]string `json:"form,omitempty"`    // of token requests; secrets show as "***"
	Operation string            `json:"operation"`         // "token", "authinfo", "api", …; "unknown" where nothing is served there
	Near      string            `json:"near,omitempty"`    // where no operation matches: the one that was probably meant
	Ignored   []string          `json:"ignored,omitempty"` // "?name" of the query and names of the body that changed nothing
	Status    int               `json:"status"`            // 0: cut off
	Why       string            `json:"why,omitempty"`     // the fake itself failed, not the instance
	Secret    bool              `json:"secret,omitempty"`  // it carried the Client Secret or a token
	Rows      int               `json:"rows,omitempty"`    // of a list: those that were sent
	Of        int               `json:"of,omitempty"`      // of a list: those that it has for this query
}

// maxJournal bounds the journal; older entries go first.
const maxJournal = 20_000

// Requests is the journal so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.journal...) // [], not null, in JSON
}

// clearJournal empties the journal.
func (s *Server) clearJournal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = nil
}

func (s *Server) appendJournal(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.journal) >= maxJournal {
		s.journal = s.journal[1:]
	}
	s.journal = append(s.journal, r)
}

// secretFields never reach the journal.
var secretFields = []string{"client_secret", "password", "refresh_token", "code", "access_token", "client_assertion"}

// redactForm keeps a form without its secrets.
func redactForm(form url.Values) map[string]string {
	out := map[string]string{}
	for name, values := range form {
		out[name] = strings.Join(values, " ")
		if slices.Contains(secretFields, strings.ToLower(name)) {
			out[name] = "***"
		}
	}
	return out
}

// redactQuery keeps a query string as it came, unless a secret is in it or it cannot be read.
func redactQuery(raw string) string {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "***"
	}
	hidden := false
	for name := range query {
		if slices.Contains(secretFields, strings.ToLower(name)) {
			query[name], hidden = []string{"***"}, true
		}
	}
	if !hidden {
		return raw
	}
	return query.Encode()
}
