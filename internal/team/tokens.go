package team

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/store"
)

// The scopes of tokens.
const (
	readRuns, writeRuns, readCustomers, readGuides, lookFrom = "runs:read", "runs:write", "customers:read", "guides:read", "agents:look"
)

var scopes = []string{readRuns, writeRuns, readCustomers, readGuides, lookFrom}

// longestToken is how many days a token may work.
const longestToken = 366

// tokensView are the tokens of programs.
type tokensView struct {
	Tokens []tokenRow
	Scopes []string
	Word   string // that was just made
}

type tokenRow struct{ ID, Name, Scopes, By, Expires string }

func (s *Server) showTokens(w http.ResponseWriter, req *http.Request) { s.writeTokens(w, req, "") }

func (s *Server) writeTokens(w http.ResponseWriter, req *http.Request, word string) {
	list, err := s.options.Store.Tokens(req.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	v := tokensView{Scopes: scopes, Word: word}
	for _, t := range list {
		v.Tokens = append(v.Tokens, tokenRow{t.ID, safetext.Line(t.Name), strings.Join(t.Scopes, ", "), safetext.Line(t.By), t.Expires.Format("2006-01-02")})
	}
	s.page.Write(w, http.StatusOK, "tokens", v)
}

func (s *Server) addToken(w http.ResponseWriter, req *http.Request) {
	name, chosen := strings.TrimSpace(req.PostFormValue("name")), req.PostForm["scope"]
	days, err := strconv.Atoi(req.PostFormValue("days"))
	if name == "" || len(chosen) == 0 || err != nil || days < 1 || days > longestToken || slices.ContainsFunc(chosen, func(c string) bool { return !slices.Contains(scopes, c) }) {
		s.page.Refuse(w, http.StatusUnprocessableEntity, errors.New("a token needs a name, a number of days up to 366, and something that it may do"))
		return
	}
	if !isName(name) {
		s.page.Refuse(w, http.StatusUnprocessableEntity, errName)
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
	s.writeTokens(w, req, word)
}

func (s *Server) revokeToken(w http.ResponseWriter, req *http.Request) {
	s.done(w, req, "revoked a token", "/tokens", s.options.Store.RevokeToken(req.Context(), req.PathValue("token")))
}
