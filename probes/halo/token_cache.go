// Package halo speaks to a HaloPSA: it requests tokens, calls the API and decodes the answers. It judges nothing.
package halo

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Identity selects the credentials that a request is made with.
type Identity string

// The identities.
const (
	Integration Identity = "integration"
	Admin       Identity = "admin"     // optional; used only where the integration's own credentials do not show enough
	AllTeams    Identity = "all-teams" // the integration's credentials, with a token that was asked for all:teams too
)

// tokenCache holds a session's tokens and the one URL that secrets may be sent to. It is never evidence.
type tokenCache struct {
	mu       sync.Mutex
	tokenURL string // empty until login has proved the server
	tokens   map[Identity]*oauth2.Token
	issued   []secret.Text          // every token ever issued, used or not
	redactor *secret.Redactor       // covers every secret so far; nil until first needed
	opened   map[*oauth2.Token]bool // tokens that a call was answered for
	scopes   map[Identity][]string  // the scopes that the token in use was requested with

	renewing chan struct{} // holds a value while one renewal runs; nil until the first one
	renewed  map[Identity]bool
}

// errNotProved guards the promise that no secret goes to a server that has not proved its name.
var errNotProved = errors.New("no token is asked for before its server has proved its name")

// SetTokenEndpoint sets the token endpoint that secrets may be sent to. Only package login calls it, after the trust
// requirements hold for that host.
func SetTokenEndpoint(s *probes.Session, tokenURL string) {
	cache := probes.Local[tokenCache](s)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	cache.tokenURL = tokenURL
}

// CarryOver takes over answers of an earlier session with the same settings, and where tokens is set its tokens.
func CarryOver(s, from *probes.Session, carries func(name string) bool, tokens bool) {
	s.CarryOver(from, carries)
	if !tokens {
		return
	}
	old, cache := probes.Local[tokenCache](from), probes.Local[tokenCache](s)
	old.mu.Lock()
	defer old.mu.Unlock()
	cache.mu.Lock()
	defer cache.mu.Unlock()
	cache.tokenURL, cache.issued = old.tokenURL, slices.Clone(old.issued)
	cache.tokens, cache.scopes, cache.opened = maps.Clone(old.tokens), maps.Clone(old.scopes), maps.Clone(old.opened)
}

func (c *tokenCache) endpoint() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokenURL == "" {
		return "", errNotProved
	}
	return c.tokenURL, nil
}

func (c *tokenCache) keep(who Identity, t *oauth2.Token, scopes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens == nil {
		c.tokens, c.scopes = map[Identity]*oauth2.Token{}, map[Identity][]string{}
	}
	c.tokens[who], c.scopes[who] = t, scopes
}

// renew requests one new token in place of old, at most once in a run. It returns nil where none was granted.
func (c *tokenCache) renew(ctx context.Context, s *probes.Session, who Identity, old *oauth2.Token) *oauth2.Token {
	c.mu.Lock()
	if c.renewing == nil {
		c.renewing = make(chan struct{}, 1)
	}
	c.mu.Unlock()
	select {
	case c.renewing <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-c.renewing }()
	if t := c.token(who); t != old {
		return t // another call has renewed it already
	}
	if c.renewed[who] {
		return nil
	}
	if c.renewed == nil {
		c.renewed = map[Identity]bool{}
	}
	c.renewed[who] = true
	c.mu.Lock()
	scopes := c.scopes[who]
	c.mu.Unlock()
	if reply, err := RequestToken(ctx, s, who, scopes, true); err != nil || !reply.Granted {
		return nil
	}
	return c.token(who)
}

// works records that a call was answered with this token.
func (c *tokenCache) works(t *oauth2.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened == nil {
		c.opened = map[*oauth2.Token]bool{}
	}
	c.opened[t] = true
}

// worked tells whether a call was answered with this token.
func (c *tokenCache) worked(t *oauth2.Token) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened[t]
}

// issue records the secrets of a token, so that every output can be searched for them.
func (c *tokenCache) issue(t *oauth2.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, _ := t.Extra("id_token").(string)
	before := len(c.issued)
	for _, text := range []string{t.AccessToken, t.RefreshToken, id} {
		if text != "" {
			c.issued = append(c.issued, secret.New(text))
		}
	}
	if c.redactor != nil {
		more := c.redactor.With(c.issued[before:]...)
		c.redactor = &more
	}
}

// Secrets lists what no output may contain: the client secrets, the passwords of vantage points, and every token issued
// so far.
func Secrets(s *probes.Session) []secret.Text {
	cache := probes.Local[tokenCache](s)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	return cache.secrets(s)
}

// Redactor finds [Secrets].
func Redactor(s *probes.Session) secret.Redactor {
	cache := probes.Local[tokenCache](s)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.redactor == nil {
		redactor := secret.NewRedactor(cache.secrets(s)...)
		cache.redactor = &redactor
	}
	return *cache.redactor
}

// clientID is the form of every Client ID that HaloPSA makes: a GUID (halo-api §1).
var clientID = lazyregexp.New(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// IsClientID tells whether a text has the form of a Client ID. One that has not may be a secret in the wrong field, so it
// is treated as a secret in all output.
func IsClientID(text string) bool { return clientID().MatchString(text) }

// isGuideWord tells names that every report of a guide holds: they are no secret wherever they were typed.
func isGuideWord(g *guide.Guide, text string) bool {
	if g == nil {
		return false
	}
	words := []string{g.Name}
	if g.Application.Name != nil {
		words = append(words, g.Application.Name.Value)
	}
	if g.Agent.Username != nil {
		words = append(words, g.Agent.Username.Values...)
	}
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, strings.TrimSpace(text)) })
}

// isOfURL tells what the target's own URLs hold, such as the tenant in the Client ID's field: every report names it, and one without
// it would name no instance. What has a secret's form stays one.
func isOfURL(t probes.Target, text string) bool {
	text = strings.TrimSpace(text)
	if text == "" || secret.HasSecretForm(text) {
		return false
	}
	whole := []string{t.AuthURL}
	if t.Resource != nil {
		whole = append(whole, t.Resource.String())
	}
	for _, address := range whole {
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		known := append([]string{address, u.Host, u.Hostname()}, strings.Split(u.Hostname(), ".")...)
		if slices.ContainsFunc(known, func(part string) bool { return strings.EqualFold(part, text) }) {
			return true
		}
	}
	return false
}

func (c *tokenCache) secrets(s *probes.Session) []secret.Text {
	list := []secret.Text{s.Credentials.Secret, s.Admin.Secret}
	for _, c := range []probes.Credentials{s.Credentials, s.Admin} {
		if id := c.ID.Reveal(); id != "" && !IsClientID(id) && !isGuideWord(s.Guide, id) && !isOfURL(s.Target, id) {
			list = append(list, c.ID) // it may be the secret, typed into the wrong field
		}
	}
	for _, v := range s.Vantages {
		if u, err := url.Parse(v.URL); err == nil && u.User != nil {
			password, _ := u.User.Password()
			list = append(list, secret.New(password))
		}
	}
	return append(list, c.issued...)
}

// token is the current token of an identity; nil where there is none.
func (c *tokenCache) token(who Identity) *oauth2.Token {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens[who]
}

// ScopeList splits a scope string: at blanks (RFC 6749 §3.3), and at the commas that some servers write.
func ScopeList(scope string) []string {
	return strings.FieldsFunc(scope, func(r rune) bool { return strings.ContainsRune(`,;+|"[]`, r) || unicode.IsSpace(r) })
}
