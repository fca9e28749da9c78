package team

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
)

// OIDC is a log-in at an OpenID provider: authorization code flow with PKCE. Groups decide about the role.
type OIDC struct {
	Issuer, ClientID string
	ClientSecret     secret.Text // empty: a public client
	URL              string      // of this page, as browsers know it
	GroupsClaim      string      // empty: groups

	Viewers, Engineers, Admins []string // groups
}

// sessionLife is how long a log-in lasts, beginLife how long somebody may take for it at the provider, and loginTime what the
// provider's answers take at most.
const (
	sessionLife = 12 * time.Hour
	beginLife   = 15 * time.Minute
	loginTime   = 20 * time.Second
)

// longestPath bounds the address that a log-in leads back to, in bytes: it is kept for who is not logged in.
const longestPath = 1024

// login logs people in.
type login struct {
	server   *Server
	options  OIDC
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	client   oauth2.Config
	sessions *scs.SessionManager
}

// What a session holds, before a log-in and after it.
const (
	keyState, keyNonce, keyProof, keyTo      = "state", "nonce", "proof", "to"
	keyID, keyName, keyRole, keyAt           = "id", "name", "role", "at"
	callbackPath, cookieName, safeCookieName = "/login/callback", "halocheckd", "__Host-halocheckd"
)

func newLogin(ctx context.Context, s *Server, o OIDC) (*login, error) {
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	own, err := secureURL("the page's URL", o.URL)
	if err != nil {
		return nil, err
	}
	if _, err := secureURL("the log-in's issuer", o.Issuer); err != nil {
		return nil, err
	}
	if len(o.Viewers)+len(o.Engineers)+len(o.Admins) == 0 {
		return nil, errors.New("no group may log in; name one at least")
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, httpClient), o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the log-in at %s: %w", o.Issuer, err)
	}
	l := &login{server: s, options: o, provider: provider, verifier: provider.Verifier(&oidc.Config{ClientID: o.ClientID, Now: s.options.Now})}
	l.client = oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Endpoint: provider.Endpoint(), RedirectURL: own.JoinPath(callbackPath).String(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
	if slices.Contains(scopesOf(provider), "groups") {
		l.client.Scopes = append(l.client.Scopes, "groups")
	}
	// Not scs.New, which starts a store in memory that nobody ends.
	l.sessions = &scs.SessionManager{
		Store: store.Sessions{Store: s.options.Store}, HashTokenInStore: true, Lifetime: sessionLife, Codec: scs.GobCodec{},
		Cookie:    scs.SessionCookie{Name: cookieName, HttpOnly: true, Path: "/", SameSite: http.SameSiteLaxMode},
		ErrorFunc: func(w http.ResponseWriter, _ *http.Request, err error) { s.fail(w, err) },
	}
	if own.Scheme == "https" {
		l.sessions.Cookie.Name, l.sessions.Cookie.Secure = safeCookieName, true
	}
	return l, nil
}

var httpClient = &http.Client{Timeout: loginTime}

// scopesOf are the scopes that a provider says that it knows.
func scopesOf(p *oidc.Provider) []string {
	var said struct {
		Scopes []string `json:"scopes_supported"`
	}
	_ = p.Claims(&said) // it may say nothing of scopes
	return said.Scopes
}

// secureURL demands TLS of everything that is not on this machine.
func secureURL(what, typed string) (*url.URL, error) {
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%s %q is no URL such as https://halocheck.example", what, typed)
	}
	a, err := netip.ParseAddr(u.Hostname())
	if onLoopback := u.Hostname() == "localhost" || err == nil && a.IsLoopback(); u.Scheme != "https" && (u.Scheme != "http" || !onLoopback) {
		return nil, fmt.Errorf("%s %q is no https URL", what, typed)
	}
	return u, nil
}

// identify reads who is logged in from the session.
func (l *login) identify(next http.Handler) http.Handler {
	return l.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx := req.Context()
		p := person{l.sessions.GetString(ctx, keyID), l.sessions.GetString(ctx, keyName), Role(l.sessions.GetInt(ctx, keyRole))}
		if p.id == "" {
			next.ServeHTTP(w, req)
			return
		}
		ended, err := l.server.options.Store.LoggedOut(ctx, p.id)
		if err != nil {
			l.server.fail(w, err)
			return
		}
		if ended.UnixMilli() >= l.sessions.GetInt64(ctx, keyAt) {
			if err := l.sessions.Destroy(ctx); err != nil {
				l.server.fail(w, err)
				return
			}
			p = person{}
		}
		next.ServeHTTP(w, req.WithContext(context.WithValue(ctx, personKey{}, p)))
	}))
}

// demand leads to the log-in whom only that lets in.
func (l *login) demand(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodGet || strings.HasSuffix(req.URL.Path, "/events") {
		l.server.page.Refuse(w, http.StatusUnauthorized, errors.New("you are not logged in, or not any more; open the page anew and log in"))
		return
	}
	http.Redirect(w, req, "/login?"+url.Values{"to": {req.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
}

// begin leads to the provider.
func (l *login) begin(w http.ResponseWriter, req *http.Request) {
	ctx := req.Context()
	state, nonce, proof := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for key, value := range map[string]string{keyState: state, keyNonce: nonce, keyProof: proof, keyTo: localPath(req.FormValue("to"))} {
		l.sessions.Put(ctx, key, value)
	}
	if whoIs(ctx).role == Anybody { // whoever can open the page begins one, and each is kept
		l.sessions.SetDeadline(ctx, time.Now().Add(beginLife))
	}
	http.Redirect(w, req, l.client.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(proof)), http.StatusSeeOther)
}

// localPath is a page of this server; the customers where something else was asked for.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > longestPath || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsFunc(to, func(c rune) bool { return c == '\\' || c < ' ' }) || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/login") {
		return "/customers"
	}
	return to
}

// callback is where the provider leads back to.
func (l *login) callback(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), loginTime)
	defer cancel()
	state, nonce := l.sessions.PopString(ctx, keyState), l.sessions.PopString(ctx, keyNonce)
	proof, to := l.sessions.PopString(ctx, keyProof), l.sessions.PopString(ctx, keyTo)
	refuse := func(status int, text string) { l.server.page.Refuse(w, status, errors.New(text)) }
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(req.FormValue("state"))) != 1 {
		refuse(http.StatusBadRequest, "this log-in was not begun here, or took too long; open the page and log in again")
		return
	}
	if code := req.FormValue("error"); code != "" {
		refuse(http.StatusForbidden, "the log-in was refused: "+safetext.Line(code))
		return
	}
	p, groups, err := l.exchange(ctx, req.FormValue("code"), nonce, proof)
	if err != nil {
		l.server.options.Page.Tell(fmt.Errorf("log-in: %w", err))
		refuse(http.StatusBadGateway, "the log-in's provider did not confirm who you are; try again, and tell the owner of this server if it stays so")
		return
	}
	if p.role = l.options.roleOf(groups); p.role == Anybody {
		if err := l.server.note(ctx, p, "was refused: none of their groups may log in", ""); err != nil {
			l.server.options.Page.Tell(fmt.Errorf("log-in: %w", err))
		}
		refuse(http.StatusForbidden, "none of your groups may open this page; ask its owner")
		return
	}
	if err := errors.Join(l.sessions.RenewToken(ctx), l.server.note(ctx, p, "logged in as "+p.role.String(), "")); err != nil {
		l.server.fail(w, err)
		return
	}
	l.sessions.Put(ctx, keyID, p.id)
	l.sessions.Put(ctx, keyName, p.name)
	l.sessions.Put(ctx, keyRole, int(p.role))
	l.sessions.Put(ctx, keyAt, l.server.options.Now().UnixMilli())
	http.Redirect(w, req, to, http.StatusSeeOther)
}

// exchange turns a code into who logged in, and their groups.
func (l *login) exchange(ctx context.Context, code, nonce, proof string) (p person, groups []string, err error) {
	ctx = oidc.ClientContext(ctx, httpClient)
	token, err := l.client.Exchange(ctx, code, oauth2.VerifierOption(proof))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) {
			err = fmt.Errorf("the token endpoint answered %d %s", refused.Response.StatusCode, refused.ErrorCode) // not its body
		}
		return p, nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := l.verifier.Verify(ctx, raw)
	if err != nil {
		return p, nil, err
	}
	if id.Nonce != nonce || id.Subject == "" {
		return p, nil, errors.New("the ID token is of another log-in")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return p, nil, err
		}
	}
	claims := map[string]json.RawMessage{}
	if err := id.Claims(&claims); err != nil {
		return p, nil, err
	}
	if _, told := claims[l.options.GroupsClaim]; !told && l.provider.UserInfoEndpoint() != "" {
		info, err := l.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && info.Subject != id.Subject {
			err = errors.New("the provider's user info is of somebody else")
		}
		if err == nil {
			err = info.Claims(&claims)
		}
		if err != nil {
			return p, nil, err
		}
	}
	p = person{id: safetext.Line(id.Subject), name: safetext.Line(id.Subject)}
	for _, claim := range []string{"name", "preferred_username", "email"} { // the last one that there is
		if text := ""; json.Unmarshal(claims[claim], &text) == nil && text != "" {
			p.name = safetext.Line(text)
		}
	}
	if one := ""; json.Unmarshal(claims[l.options.GroupsClaim], &one) == nil {
		return p, []string{one}, nil
	}
	_ = json.Unmarshal(claims[l.options.GroupsClaim], &groups) // anything else is no group
	return p, groups, nil
}

// roleOf is the highest role that one of the groups has.
func (o OIDC) roleOf(groups []string) Role {
	of := func(list []string) bool {
		return slices.ContainsFunc(groups, func(g string) bool { return g != "" && slices.Contains(list, g) })
	}
	switch {
	case of(o.Admins):
		return Admin
	case of(o.Engineers):
		return Engineer
	case of(o.Viewers):
		return Viewer
	}
	return Anybody
}

// end logs out in this browser.
func (l *login) end(w http.ResponseWriter, req *http.Request) {
	if err := l.sessions.Destroy(req.Context()); err != nil {
		l.server.fail(w, err)
		return
	}
	l.server.page.Write(w, http.StatusOK, "logged-out", nil)
}
