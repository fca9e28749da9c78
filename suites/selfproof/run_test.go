package selfproof_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/trust"
)

// start serves the named faults until the spec ends.
func start(names ...string) *fakehalo.Server {
	GinkgoHelper()
	faults, err := fakehalo.Named(names...)
	Expect(err).NotTo(HaveOccurred())
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	return server
}

// notUnderRace leaves a spec to `make test`: under the race detector it proves nothing more, for the reason given.
func notUnderRace(why string) {
	if raceBuilt {
		Skip(why + ": `make test` runs it")
	}
}

// unwatched is the reason of specs that drive other processes.
const unwatched = "the race detector does not watch the process that this drives"

// session is what `halocheck check --fake` would build for a fake, with its admin credentials on top.
func session(server *fakehalo.Server) *probes.Session {
	GinkgoHelper()
	s := sessionFor(server, roots(server.CAFile))
	DeferCleanup(s.Net.Close)
	return s
}

// sessionFor is session outside of a spec.
func sessionFor(server *fakehalo.Server, trusted *wire.Roots) *probes.Session {
	return sessionVia(server.URL, server, trusted)
}

// sessionVia is sessionFor for a URL under which something else serves the fake.
func sessionVia(url string, server *fakehalo.Server, trusted *wire.Roots) *probes.Session {
	resource, err := probes.ParseTarget(url)
	if err != nil {
		panic(err) // the fake's own URL, or a spec's
	}
	s := &probes.Session{
		Target: probes.Target{
			Resource: resource, AuthURL: server.Credentials.AuthURL, AuthTyped: !slices.Contains(server.Untyped, "auth_url"),
			Tenant: server.Credentials.Tenant, TenantTyped: !slices.Contains(server.Untyped, "tenant"),
			Hosting: probes.Hosting(server.Hosting),
		},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(server.Credentials.ClientID), Secret: secret.New(server.Credentials.ClientSecret)},
		Admin:       probes.Credentials{ID: secret.New(server.Admin.ClientID), Secret: secret.New(server.Admin.ClientSecret)},
		Teams:       server.Teams, Stable: server.Stable,
		Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: trusted, Now: time.Now, UserAgent: "halocheck/test",
			Pinned: map[string][]netip.Addr{},
		},
	}
	for _, entry := range server.Resolve {
		at := strings.LastIndexByte(entry, ':')
		s.Net.Pinned[entry[:at]] = []netip.Addr{netip.MustParseAddr(entry[at+1:])}
	}
	for name, url := range server.Vantages {
		s.Vantages = append(s.Vantages, probes.Vantage{Name: name, URL: url})
	}
	slices.SortFunc(s.Vantages, func(a, b probes.Vantage) int { return strings.Compare(a.Name, b.Name) })
	probes.Local[trust.Options](s).AIA = "private"
	return s
}

// roots is rootsOf in a spec, which an error ends.
func roots(file string) *wire.Roots {
	GinkgoHelper()
	r, err := rootsOf(file)
	Expect(err).NotTo(HaveOccurred())
	return r
}

// rootsOf are the built-in roots and those of a PEM file; without a file, or where a fault left nothing to trust in it,
// the built-in ones alone.
func rootsOf(file string) (*wire.Roots, error) {
	var extra []*x509.Certificate
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if extra, err = wire.ParsePEM(data); err != nil {
			extra = nil
		}
	}
	return wire.NewRoots(extra)
}

// check runs the whole catalogue.
func check(s *probes.Session) []probes.Finding {
	GinkgoHelper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.OnPanic = func(where string, what any, stack []byte) { GinkgoWriter.Printf("%s: %v\n%s\n", where, what, stack) }
	return slices.Collect(probes.Run(ctx, s, catalogue.All(s.Guide)))
}
