// Package halo is HaloPSA's wire as the checker understands it: the token request, the API calls, the shapes of the
// answers. It judges nothing.
package halo

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

// Who is whose credentials a request is made with.
type Who string

// The two applications.
const (
	Integration Who = "integration"
	Admin       Who = "admin" // optional; reads roles and applications, nothing else
)

// wallet holds the tokens of a session and the one place where secrets may go. It is not evidence.
type wallet struct {
	mu       sync.Mutex
	tokenURL string // empty until login has proved the server
	tokens   map[Who]*oauth2.Token
	issued   []secret.Text    // whatever was ever issued, used or not
	needle   *secret.Needle   // of everything that is secret so far; nil: it was not asked for yet
	scopes   map[Who][]string // what the token in use was asked for with

	renewing sync.Mutex // one at a time
	renewed  map[Who]bool
}

// errNotProved guards the promise that no secret goes to a server that has not proved its name.
var errNotProved = errors.New("no token is asked for before its server has proved its name")

// Prove names the token endpoint that secrets may be sent to. Only login calls it, once trust holds for that very host.
func Prove(s *probes.Session, tokenURL string) {
	w := probes.Local[wallet](s)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokenURL = tokenURL
}

func (w *wallet) endpoint() (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokenURL == "" {
		return "", errNotProved
	}
	return w.tokenURL, nil
}

func (w *wallet) keep(who Who, t *oauth2.Token, scopes []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokens == nil {
		w.tokens, w.scopes = map[Who]*oauth2.Token{}, map[Who][]string{}
	}
	w.tokens[who], w.scopes[who] = t, scopes
}

// renew asks for one new token in place of one that has expired, once in a run; nil where there is none.
func (w *wallet) renew(ctx context.Context, s *probes.Session, who Who, old *oauth2.Token) *oauth2.Token {
	w.renewing.Lock()
	defer w.renewing.Unlock()
	if t := w.token(who); t != old {
		return t // somebody else's call was first
	}
	if w.renewed[who] {
		return nil
	}
	if w.renewed == nil {
		w.renewed = map[Who]bool{}
	}
	w.renewed[who] = true
	w.mu.Lock()
	scopes := w.scopes[who]
	w.mu.Unlock()
	if reply, err := Request(ctx, s, who, scopes, true); err != nil || !reply.Granted {
		return nil
	}
	return w.token(who)
}

// issue remembers the secrets of a token, so that they can be looked for wherever they must not be.
func (w *wallet) issue(t *oauth2.Token) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, _ := t.Extra("id_token").(string)
	for _, text := range []string{t.AccessToken, t.RefreshToken, id} {
		if text != "" {
			w.issued = append(w.issued, secret.New(text))
			if w.needle != nil {
				more := w.needle.With(w.issued[len(w.issued)-1])
				w.needle = &more
			}
		}
	}
}

// Secrets are all that must be in nothing that comes out: the client secrets, the passwords of vantage points, and every
// token that was issued so far.
func Secrets(s *probes.Session) []secret.Text {
	w := probes.Local[wallet](s)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.secrets(s)
}

// Needle finds [Secrets].
func Needle(s *probes.Session) secret.Needle {
	w := probes.Local[wallet](s)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.needle == nil {
		needle := secret.NewNeedle(w.secrets(s)...)
		w.needle = &needle
	}
	return *w.needle
}

func (w *wallet) secrets(s *probes.Session) []secret.Text {
	list := []secret.Text{s.Credentials.Secret, s.Admin.Secret}
	for _, v := range s.Vantages {
		if u, err := url.Parse(v.URL); err == nil && u.User != nil {
			password, _ := u.User.Password()
			list = append(list, secret.New(password))
		}
	}
	return append(list, w.issued...)
}

// token is who's; nil where there is none.
func (w *wallet) token(who Who) *oauth2.Token {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens[who]
}

// ScopeList splits a scope string.
func ScopeList(scope string) []string { return strings.Fields(scope) }
