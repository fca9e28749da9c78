package independent_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// trusted are the built-in roots and those of this suite.
var trusted = sync.OnceValue(func() *wire.Roots {
	var extra []*x509.Certificate
	for _, a := range authorities() {
		extra = append(extra, a.root)
	}
	return must(wire.NewRoots(extra))
})

// session is what `halocheck check` builds for what the engineer typed about the instance.
func (s *server) session() *probes.Session {
	in := s.in
	session := &probes.Session{
		Target:      probes.Target{Resource: must(probes.ParseTarget(s.typedResource())), Hosting: probes.Hosting(in.hostingForced)},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(in.typedID), Secret: secret.New(in.typedSecret)},
		Teams:       in.teamsWanted,
		Net: &wire.Net{
			Resolver: s.network, Dialer: s.network, Roots: trusted(), Now: time.Now, UserAgent: "halocheck/test", Pinned: map[string][]netip.Addr{},
		},
	}
	if !in.hosted {
		session.Stable = in.stable
	}
	if in.typedTenant != nil {
		session.Target.Tenant, session.Target.TenantTyped = *in.typedTenant, true
	}
	if in.typedAuth != "" {
		session.Target.AuthURL, session.Target.AuthTyped = s.typed(in.typedAuth), true
	}
	if in.vantages {
		session.Vantages = s.openProxies()
	}
	if in.adminGiven {
		session.Admin = probes.Credentials{ID: secret.New(adminID), Secret: secret.New(adminSecret)}
	}
	return session
}

// typedResource is the Resource Server as it was typed.
func (s *server) typedResource() string {
	if s.in.typedResource == "" {
		return s.resource()
	}
	return strings.NewReplacer("{host}", s.form.Resource, "{HOST}", strings.ToUpper(s.form.Resource)).Replace(s.in.typedResource)
}

// typed fills the pattern of a typed Authorisation Server.
func (s *server) typed(pattern string) string {
	auth := s.authURL()
	upper := strings.Replace(auth, s.hostOfAuth(), strings.ToUpper(s.hostOfAuth()), 1)
	port := strings.Replace(auth, s.hostOfAuth(), s.hostOfAuth()+":443", 1)
	return strings.NewReplacer("{auth}", auth, "{AUTH}", upper, "{auth:443}", port, "{resource}", s.resource()).Replace(pattern)
}

// outcome is one check.
type outcome struct {
	findings []probes.Finding
	summary  probes.Summary
	requests []request
	panics   []string
	took     time.Duration
	narrowed bool // by --only: what blocks may not be reported
}

// check runs the whole catalogue against the server.
func (s *server) check() outcome {
	session := s.session()
	defer session.Net.Close()
	return s.checkWith(session)
}

func (s *server) checkWith(session *probes.Session) outcome {
	return s.checkUnder(context.Background(), session)
}

func (s *server) checkUnder(ctx context.Context, session *probes.Session) outcome {
	var o outcome
	var mu sync.Mutex
	session.OnPanic = func(where string, what any, stack []byte) {
		mu.Lock()
		defer mu.Unlock()
		o.panics = append(o.panics, fmt.Sprintf("%s: %v\n%s", where, what, stack))
	}
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	begin := time.Now()
	o.findings = slices.Collect(probes.Run(ctx, session, catalogue.All(session.Guide)))
	o.took, o.narrowed = time.Since(begin), len(session.Only) > 0
	o.summary = probes.Summarise(o.findings)
	o.requests = s.requests()
	return o
}

// random is the source of one instance.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x4a10)) } // a test's choice

// publicRoots are the built-in roots alone, under which no instance here is trusted.
var publicRoots = sync.OnceValue(func() *wire.Roots { return must(wire.NewRoots(nil)) })
