package main

import (
	"crypto/x509"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// withoutCustomer is the environment without the variables that speak of a customer's instance: a fake brings its own.
func withoutCustomer(env environment) environment {
	getenv := env.getenv
	env.getenv = func(name string) string {
		if name == "NO_COLOR" || name == "TERM" {
			return getenv(name)
		}
		return ""
	}
	return env
}

// prepareFake starts a fake in this process and points the session to it. What was given as a flag wins over what the
// fake brings.
func prepareFake(env environment, o *options, p *preparedCheck, extra []*x509.Certificate) error {
	faults, err := fakehalo.Named(o.fakes...)
	if err != nil {
		return usagef("--fake: %w; `halocheck fake --list` names them all", err)
	}
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
	if err != nil {
		return usagef("--fake: %w", err)
	}
	return p.pointTo(env, o, server, extra)
}

// pointTo makes the plan ask a fake, which is closed with it.
func (p *preparedCheck) pointTo(env environment, o *options, server *fakehalo.Server, extra []*x509.Certificate) (err error) {
	p.cleanup = append(p.cleanup, func() { closeFake(server) })
	s, given := p.session, *o
	if !o.typed("auth-url") {
		given.authURL = server.Credentials.AuthURL
	}
	if !o.typed("tenant") {
		given.tenant = server.Credentials.Tenant
	}
	if !o.typed("hosting") && server.Hosting != "" {
		given.hosting = server.Hosting
	}
	given.typed = func(name string) bool {
		typed := name == "auth-url" || name == "tenant"
		return o.typed(name) || typed && !slices.Contains(server.Untyped, strings.ReplaceAll(name, "-", "_"))
	}
	if s.Target, err = target(&given, []string{server.URL}); err != nil {
		return err
	}
	roots, err := fakeRoots(server)
	if err != nil {
		return internalError{err}
	}
	if s.Net, err = o.cache.network(append(extra, roots...), append(slices.Clone(server.Resolve), o.resolve...)); err != nil {
		return err
	}
	p.cleanup = append(p.cleanup, s.Net.Close)
	if len(s.Teams) == 0 {
		s.Teams = server.Teams
	}
	if s.Stable == "" {
		s.Stable = server.Stable
	}
	if len(s.Vantages) == 0 {
		for _, name := range slices.Sorted(maps.Keys(server.Vantages)) {
			s.Vantages = append(s.Vantages, probes.Vantage{Name: name, URL: server.Vantages[name]})
		}
	}
	// The fake's issuers publish on loopback, which is never asked otherwise.
	if probes.Local[trust.Options](s).AIA = o.aia; !o.typed("aia") {
		probes.Local[trust.Options](s).AIA = "private"
	}
	if s.Credentials, err = fakeCredentials(env, server.Credentials, o.id, o.secret, "client-secret-file"); err != nil {
		return err
	}
	s.Admin, err = fakeCredentials(env, server.Admin, o.adminID, o.admin, "admin-secret-file")
	return err
}

// fakeCredentials are the fake's own, apart from what was given.
func fakeCredentials(env environment, own fakehalo.Credentials, id, file, flag string) (probes.Credentials, error) {
	if id == "" {
		id = own.ClientID
	}
	c := probes.Credentials{ID: secret.New(id), Secret: secret.New(own.ClientSecret)}
	if file != "" {
		given, _, err := readSecret(env, file, "", flag)
		if err != nil {
			return c, err
		}
		c.Secret = secret.New(given)
	}
	return c, nil
}

// fakeRoots are the roots that a client of the fake is given; some faults leave none.
func fakeRoots(server *fakehalo.Server) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(server.CAFile)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, nil
	}
	return wire.ParsePEM(data)
}

// closeTimeout bounds how long a fake may take to close: a fault may hold a connection, and --timeout is a promise.
const closeTimeout = 500 * time.Millisecond

func closeFake(server *fakehalo.Server) {
	done := make(chan struct{})
	go func() {
		server.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(closeTimeout):
		if err := os.Remove(server.CAFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return // a leftover file with an invented root harms nobody
		}
	}
}
