package selfproof_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// connections is how many a check of a healthy instance opens: the chain is looked at in each way that clients come.
func connections(b *testing.B) int {
	b.Helper()
	fake := fakehalo.Start()
	defer fake.Close()
	roots, err := wire.ParsePEM(fake.CAPEM)
	if err != nil {
		b.Fatal(err)
	}
	var dialer countingDialer
	target := halocheck.Target{URL: fake.URL, ClientID: fake.Credentials.ClientID, ClientSecret: func(context.Context) (string, error) { return fake.Credentials.ClientSecret, nil }}
	r, err := halocheck.Run(context.Background(), target, halocheck.WithTenant(fake.Credentials.Tenant), halocheck.WithRoots(roots...),
		halocheck.WithSession(func(s *probes.Session) { s.Net.Dialer = &dialer }))
	if err != nil || dialer.opened.Load() == 0 {
		b.Fatalf("%v, %v", r, err)
	}
	return int(dialer.opened.Load())
}

type countingDialer struct {
	net.Dialer
	opened atomic.Int64
}

func (d *countingDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.opened.Add(1)
	return d.Dialer.DialContext(ctx, network, address)
}
