package team

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
)

// The scopes of tokens.
const (
	readRuns, writeRuns, readCustomers, readGuides, lookFrom = "runs:read", "runs:write", "customers:read", "guides:read", "agents:look"
)

var scopes = []string{readRuns, writeRuns, readCustomers, readGuides, lookFrom}

// longestToken is how many days a token may work.
const longestToken = 366

// tokensView are the tokens of programs, and the form of a new one as it was typed.
type tokensView struct {
	Tokens     []tokenRow
	Scopes     []scopeChoice
	Word       string // that was just made
	Problem    string
	Name, Days string
}

type tokenRow struct{ ID, Name, Scopes, By, Expires string }

type scopeChoice struct {
	Name   string
	Chosen bool
}

func (s *Server) showTokens(w http.ResponseWriter, req *http.Request) {
	s.writeTokens(w, req, http.StatusOK, nil, tokensView{Days: "90"})
}

func (s *Server) writeTokens(w http.ResponseWriter, req *http.Request, status int, chosen []string, v tokensView) {
	list, err := s.options.Store.Tokens(req.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	for _, name := range scopes {
		v.Scopes = append(v.Scopes, scopeChoice{name, slices.Contains(chosen, name)})
	}
	now := s.options.Now()
	for _, t := range list {
		row := tokenRow{t.ID, safetext.Line(t.Name), strings.Join(t.Scopes, ", "), safetext.Line(t.By), "works until " + page.Stamp(t.Expires)}
		if !t.Expires.After(now) {
			row.Expires = "expired " + page.Stamp(t.Expires)
		}
		v.Tokens = append(v.Tokens, row)
	}
	s.page.Write(w, status, "tokens", v)
}

func (s *Server) addToken(w http.ResponseWriter, req *http.Request) {
	name, typed := strings.TrimSpace(req.PostFormValue("name")), req.PostFormValue("days")
	chosen := req.PostForm["scope"]
	days, err := strconv.Atoi(strings.TrimSpace(typed))
	problem := ""
	switch {
	case name == "" || !isName(name):
		problem = "Say what the token is for, in 1 to 200 letters that are no secret."
	case err != nil || days < 1 || days > longestToken:
		problem = "Give a number of days from 1 to 366."
	case len(chosen) == 0 || slices.ContainsFunc(chosen, func(c string) bool { return !slices.Contains(scopes, c) }):
		problem = "Choose something that the token may do."
	}
	if problem != "" {
		if secret.HasSecretForm(name) {
			name = ""
		}
		if secret.HasSecretForm(typed) {
			typed = ""
		}
		s.writeTokens(w, req, http.StatusUnprocessableEntity, chosen, tokensView{Problem: problem, Name: name, Days: typed})
		return
	}
	now := s.options.Now()
	word, err := s.options.Store.AddToken(req.Context(), store.Token{Name: name, Scopes: chosen, By: whoIs(req.Context()).name, Made: now, Expires: now.AddDate(0, 0, days)})
	if err == nil {
		err = s.audit(req, "made a token: "+safetext.Line(name))
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.writeTokens(w, req, http.StatusOK, nil, tokensView{Word: word, Days: "90"})
}

func (s *Server) revokeToken(w http.ResponseWriter, req *http.Request) {
	s.done(w, req, "revoked a token", "/tokens", s.options.Store.RevokeToken(req.Context(), req.PathValue("token")))
}
