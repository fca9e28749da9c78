package selfproof_test

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// BenchmarkChainVerdict is a verdict on a chain as a whole process, beside other tools that look at the same server: what
// a script pays for it. Tools that are not installed are left out.
func BenchmarkChainVerdict(b *testing.B) {
	fake := fakehalo.Start()
	defer fake.Close()
	at, err := url.Parse(fake.URL)
	if err != nil {
		b.Fatal(err)
	}
	binary := filepath.Join(b.TempDir(), "halocheck")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "../../cmd/halocheck").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, tool := range []struct {
		name string
		args []string
	}{
		{"halocheck-chain", []string{binary, "check", fake.URL, "--ca-file", fake.CAFile, "--only", "trust.chain", "--quiet"}},
		{"halocheck-trust", []string{binary, "check", fake.URL, "--ca-file", fake.CAFile, "--only", "trust.*", "--quiet"}},
		{"openssl-s_client", []string{"openssl", "s_client", "-connect", at.Host, "-servername", at.Hostname(), "-CAfile", fake.CAFile, "-verify_return_error"}},
		{"testssl-S", []string{"testssl", "-S", "--quiet", "--color", "0", "--nodns", "none", "--ip", "127.0.0.1", "--add-ca", fake.CAFile, at.Host}},
	} {
		b.Run(tool.name, func(b *testing.B) {
			program, err := exec.LookPath(tool.args[0])
			if err != nil {
				b.Skip(tool.args[0] + " is not installed (Debian has a package of it)")
			}
			for range b.N {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				out, err := exec.CommandContext(ctx, program, tool.args[1:]...).CombinedOutput()
				cancel()
				if err != nil && tool.name != "testssl-S" { // which exits with the number of what it dislikes
					b.Fatalf("%v: %s", err, out)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/verdict")
		})
	}
}

// BenchmarkTrustAway is the part of trust that a login waits for, on an instance 50 ms away, and all of trust beside it.
// Connecting and a handshake of TLS 1.3 are two round trips; the deeper looks go on after the first number.
func BenchmarkTrustAway(b *testing.B) {
	fake := fakehalo.Start()
	defer fake.Close()
	far := delayed(b, strings.TrimPrefix(fake.URL, "https://"))
	_, port, err := net.SplitHostPort(far)
	if err != nil {
		b.Fatal(err)
	}
	trusted, err := wire.NewRoots(nil)
	if err != nil {
		b.Fatal(err)
	}
	trusted.Pool = fake.CAPool
	away := func(b *testing.B) *probes.Session {
		target, err := url.Parse("https://localhost:" + port)
		if err != nil {
			b.Fatal(err)
		}
		s := &probes.Session{Target: probes.Target{Resource: target}, Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: trusted, Now: time.Now, UserAgent: "halocheck/bench",
			Pinned: map[string][]netip.Addr{"localhost:" + port: {netip.MustParseAddr("127.0.0.1")}},
		}}
		b.Cleanup(s.Net.Close)
		return s
	}
	b.Run("blocking", func(b *testing.B) {
		for range b.N {
			if err := trust.Resource.NeedVerified(context.Background(), away(b)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(roundTrip), "round-trips")
	})
	b.Run("all", func(b *testing.B) {
		for range b.N {
			for f := range probes.Run(context.Background(), away(b), trust.Resource.Checks()) {
				if f.Status != probes.Passed {
					b.Fatalf("%s %s: %s", f.ID, f.Status, f.Because)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(roundTrip), "round-trips")
	})
}
