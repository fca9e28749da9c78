package main

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// withoutCustomer is the environment without the variables that speak of a customer's instance: a fake brings its own.
func withoutCustomer(env environment) environment {
	getenv := env.getenv
	env.getenv = func(name string) string {
		if slices.Contains([]string{"NO_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG", "GITHUB_STEP_SUMMARY"}, name) {
			return getenv(name)
		}
		return ""
	}
	return env
}

// startFake starts the fake that --fake describes.
func startFake(o *options) (*fakehalo.Server, error) {
	faults, err := fakehalo.Named(o.List("fake")...)
	if err != nil {
		return nil, usagef("--fake: %w; `halocheck fake --list` names them all", err)
	}
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
	if err != nil {
		return nil, usagef("--fake: %w", err)
	}
	return server, nil
}

// prepareFake is a check of a fake, which is closed with it. What was not given as a setting is the fake's own.
func prepareFake(ctx context.Context, env environment, o *options, server *fakehalo.Server) (_ *preparedCheck, err error) {
	defer func() {
		if err != nil {
			faketarget.Close(server)
		}
	}()
	if err := fakeDefaults(o, server); err != nil {
		return nil, exit.Internal(err)
	}
	roots, err := fakeRoots(server)
	if err != nil {
		return nil, exit.Internal(err)
	}
	env.getenv = func(name string) string {
		return map[string]string{"HALO_CLIENT_SECRET": server.Credentials.ClientSecret, "HALO_ADMIN_CLIENT_SECRET": server.Admin.ClientSecret}[name]
	}
	a, err := o.Arguments(ctx, env.source(o))
	if err != nil {
		return nil, err
	}
	a.Options = append(a.Options, halocheck.WithRoots(roots...))
	return &preparedCheck{Arguments: a, fake: server}, nil
}

// fakeDefaults gives the settings that were not given the fake's own values.
func fakeDefaults(o *options, server *fakehalo.Server) error {
	values := map[string][]string{
		"url": {server.URL}, "client-id": {server.Credentials.ClientID}, "admin-client-id": {server.Admin.ClientID}, "team": server.Teams,
		"stable": {server.Stable}, "hosting": {server.Hosting},
		"aia": {"private"}, // the fake's issuers publish on loopback, which is never asked otherwise
	}
	if server.Hosting == "" {
		delete(values, "hosting")
	}
	for setting, value := range map[string]string{"auth-url": server.Credentials.AuthURL, "tenant": server.Credentials.Tenant} {
		if !slices.Contains(server.Untyped, strings.ReplaceAll(setting, "-", "_")) {
			values[setting] = []string{value}
		}
	}
	for name, url := range server.Vantages {
		values["via"] = append(values["via"], name+"="+url)
	}
	slices.Sort(values["via"])
	for setting, value := range values {
		if err := o.Default(setting, value...); err != nil {
			return err
		}
	}
	for _, address := range server.Resolve {
		if err := o.Set("resolve", address); err != nil {
			return err
		}
	}
	return nil
}

// fakeRoots are the roots that a client of the fake is given; some faults leave none.
func fakeRoots(server *fakehalo.Server) ([]*x509.Certificate, error) {
	if len(server.CAPEM) == 0 {
		return nil, nil
	}
	return wire.ParsePEM(server.CAPEM)
}
