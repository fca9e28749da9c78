// Package faketarget points a check at a fake HaloPSA, with the credentials, roots and vantage points that the fake brings.
package faketarget

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
)

// Of is the target that a running fake is, and the options that a check of it needs. Further options may follow them.
func Of(server *fakehalo.Server) (halocheck.Target, []halocheck.Option, error) {
	target := halocheck.Target{
		URL: server.URL, ClientID: server.Credentials.ClientID, ClientSecret: secret(server.Credentials.ClientSecret),
	}
	roots, err := readRoots(server.CAFile)
	if err != nil {
		return target, nil, fmt.Errorf("faketarget: %w", err)
	}
	opts := []halocheck.Option{
		halocheck.WithRoots(roots...), halocheck.WithAddress(server.Resolve...), halocheck.WithTeams(server.Teams...),
		halocheck.WithStable(server.Stable), halocheck.WithAdmin(server.Admin.ClientID, secret(server.Admin.ClientSecret)),
		halocheck.WithAIA("private"), // the fake's issuers publish on loopback
	}
	if server.Hosting != "" {
		opts = append(opts, halocheck.WithHosting(server.Hosting))
	}
	if !slices.Contains(server.Untyped, "auth_url") {
		opts = append(opts, halocheck.WithAuthURL(server.Credentials.AuthURL))
	}
	if !slices.Contains(server.Untyped, "tenant") {
		opts = append(opts, halocheck.WithTenant(server.Credentials.Tenant))
	}
	for _, name := range slices.Sorted(maps.Keys(server.Vantages)) {
		opts = append(opts, halocheck.WithVantage(name, server.Vantages[name]))
	}
	return target, opts, nil
}

// secret is a secret of the fake; an empty one is none.
func secret(text string) halocheck.Secret {
	if text == "" {
		return nil
	}
	return func(context.Context) (string, error) { return text, nil }
}

// readRoots are the roots that the fake gives its clients; some faults leave none.
func readRoots(file string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(file) // the fake wrote it just now
	if err != nil {
		return nil, err
	}
	var roots []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	return roots, nil
}

// closeTimeout bounds how long a fake may take to close: a fault may hold a connection.
const closeTimeout = 500 * time.Millisecond

// Close closes a fake, and waits half a second at most. What a fault holds open then ends with the process.
func Close(server *fakehalo.Server) {
	done := make(chan struct{})
	go func() {
		server.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(closeTimeout):
		_ = os.Remove(server.CAFile) // a leftover file with an invented root harms nobody
	}
}
