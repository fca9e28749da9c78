package halocheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/trust"
)

// Resolver looks up the addresses of a host; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// check is one run that is ready to start.
type check struct {
	settings *settings
	session  *probes.Session
	checks   []probes.Check
}

func (c *check) close() { c.session.Net.Close() }

// findings runs the check within its time.
func (c *check) findings(ctx context.Context) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		ctx, cancel := context.WithTimeout(ctx, c.settings.timeout)
		defer cancel()
		for f := range probes.Run(ctx, c.session, c.checks) {
			if !yield(f) {
				return
			}
		}
	}
}

// prepare assembles the session of a check: the one place that does. It asks nothing over the wire. Secrets are read last,
// so that nobody is asked for one in vain.
func prepare(ctx context.Context, target Target, opts []Option) (*check, error) {
	s, err := apply(opts)
	if err != nil {
		return nil, err
	}
	if err := interrupted(ctx); err != nil {
		return nil, err
	}
	go wire.ParseBuiltInRoots() // beside the guide
	kept, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	if err := s.known(kept.ids); err != nil {
		return nil, err
	}
	resource, err := resourceServer(target.URL)
	if err != nil {
		return nil, err
	}
	session := &probes.Session{
		Target: probes.Target{
			Resource: resource, AuthURL: s.authURL, AuthTyped: s.authURLTyped, Tenant: s.tenant, TenantTyped: s.tenantTyped, Hosting: s.hosting,
		},
		Guide: kept.asked, Vantages: s.vantages, Teams: s.teams, Stable: s.stable,
		Profiles: s.profiles, Only: s.only, Skip: s.skip, Attested: s.attested,
	}
	if all := s.judgedBy(); len(all) > 1 {
		session.Guides = all
	}
	for _, g := range s.planned {
		session.Planned = append(session.Planned, g.Name)
	}
	if session.Net, err = s.network(); err != nil {
		return nil, err
	}
	probes.Local[trust.Options](session).AIA = s.aia
	s.watchPanics(session)
	if session.Credentials, err = credentials(ctx, "client-id", target.ClientID, target.ClientSecret); err != nil {
		return nil, err
	}
	if session.Admin, err = credentials(ctx, "admin-client-id", s.adminID, s.adminSecret); err != nil {
		return nil, err
	}
	for _, f := range s.onSession {
		f(session)
	}
	return &check{settings: s, session: session, checks: kept.checks}, nil
}

// watchPanics tells of halocheck's own faults, without what is secret in the session.
func (s *settings) watchPanics(session *probes.Session) {
	if s.onPanic == nil {
		return
	}
	session.OnPanic = func(where string, what any, stack []byte) {
		redact := halo.Redactor(session).Redact
		s.onPanic(where, redact(fmt.Sprint(what)), redact(string(stack)))
	}
}

// resourceServer reads the target's URL.
func resourceServer(typed string) (u *url.URL, err error) {
	if strings.Contains(typed, "@") {
		return nil, misuse("url", "the URL holds a user name or a password; credentials go into the Client ID and the Client Secret")
	}
	if u, err = probes.ParseTarget(typed); err != nil {
		return nil, misuse("url", "%w", err)
	}
	return u, nil
}

// network is the way to the world.
func (s *settings) network() (*wire.Net, error) {
	roots, err := s.cache.trusted(s.roots)
	if err != nil {
		return nil, fmt.Errorf("halocheck: there are no trusted roots to judge a certificate by: %w", err)
	}
	n := &wire.Net{
		Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Pinned: s.addresses, Now: time.Now,
		UserAgent: "halocheck/" + version.String(), Throttle: s.limiter,
	}
	n.Proxy = s.proxy
	if s.resolver != nil {
		n.Resolver = s.resolver
	}
	return n, nil
}

// credentials are an application's, as they were typed; the zero value where neither part was given.
func credentials(ctx context.Context, setting, id string, read Secret) (probes.Credentials, error) {
	switch {
	case id == "" && read == nil:
		return probes.Credentials{}, nil
	case read == nil:
		return probes.Credentials{}, misuse(setting, "there is a Client ID without a Client Secret")
	}
	text, err := read(ctx)
	switch {
	case err != nil:
		return probes.Credentials{}, err
	case text == "":
		return probes.Credentials{}, misuse(setting, "there is a Client ID without a Client Secret")
	case id == "":
		return probes.Credentials{}, misuse(setting, "there is a Client Secret without a Client ID")
	}
	return probes.Credentials{ID: secret.New(id), Secret: secret.New(text)}, nil
}

// known refuses names of requirements that the guide does not have.
func (s *settings) known(ids []string) error {
	if err := knownGlobs("only", s.only, ids); err != nil {
		return err
	}
	if err := knownGlobs("skip", s.skip, ids); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.attested)) {
		if !slices.Contains(ids, id) {
			return unknownID("attest", id, ids)
		}
	}
	return s.knownWaivers(ids)
}

// knownGlobs refuses globs that name nothing.
func knownGlobs(setting string, globs, ids []string) error {
	for _, g := range globs {
		if _, err := path.Match(g, ""); err != nil {
			return misuse(setting, "%q is not a glob; it looks like trust.* or login.token", g)
		}
		if !slices.ContainsFunc(ids, func(id string) bool { return matches([]string{g}, id) }) {
			return unknownID(setting, g, ids)
		}
	}
	return nil
}

// matches tells whether one of the globs names the requirement.
func matches(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(g string) bool { ok, err := path.Match(g, id); return err == nil && ok })
}

func unknownID(setting, id string, ids []string) error {
	return misuse(setting, "there is no requirement %q%s", id, suggest.Text(id, ids, ""))
}

// knownWaivers refuses waivers that lack something or name no requirement.
func (s *settings) knownWaivers(ids []string) error {
	for _, w := range s.waivers {
		switch _, err := time.Parse(time.DateOnly, w.Until); {
		case !slices.Contains(ids, w.ID):
			return unknownID("waive", w.ID, ids)
		case w.Reason == "" || w.Owner == "":
			return misuse("waive", "the waiver of %s needs a reason and an owner", w.ID)
		case w.Until != "" && err != nil:
			return misuse("waive", "the waiver of %s: %q is not a day written YYYY-MM-DD", w.ID, w.Until)
		}
	}
	return nil
}

// judgedBy are the guides of a check, those that are planned last.
func (s *settings) judgedBy() []*guide.Guide {
	if len(s.guides) == 0 {
		return append([]*guide.Guide{guide.BuiltIn()}, s.planned...)
	}
	return slices.Concat(s.guides, s.planned)
}

// catalogue is what the guides ask for.
func (s *settings) catalogue() (requirements, error) {
	guides := s.judgedBy()
	for _, g := range s.planned {
		judged := guides[:len(guides)-len(s.planned)]
		if slices.ContainsFunc(judged, func(o *guide.Guide) bool { return o.Name == g.Name }) {
			return requirements{}, misuse("plan", "%s is judged already; name what is not connected yet", g.Name)
		}
	}
	if err := guide.Distinct(guides); err != nil {
		return requirements{}, misuse("guide", "%w", err)
	}
	return s.cache.catalogue(guides), nil
}

// Cache keeps what is the same for many checks, so that each does not read it anew: the requirements of guides and the
// trusted roots. The zero value is ready; a nil Cache keeps nothing.
type Cache struct {
	mu     sync.Mutex
	guides map[string]requirements // by the guides' addresses, which stay as long as they are kept here
	roots  map[string]*wire.Roots  // by the further certificates, in DER
}

// requirements are what guides ask for.
type requirements struct {
	guides []*guide.Guide
	asked  *guide.Guide // what any of them asks for
	checks []probes.Check
	ids    []string // each once, in report order
}

func (c *Cache) catalogue(guides []*guide.Guide) requirements {
	if c == nil {
		return requirementsOf(guides)
	}
	var key string
	for _, g := range guides {
		key += fmt.Sprintf("%p ", g)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.guides[key]
	if !ok {
		if c.guides == nil {
			c.guides = map[string]requirements{}
		}
		kept = requirementsOf(guides)
		c.guides[key] = kept
	}
	return kept
}

func requirementsOf(guides []*guide.Guide) requirements {
	checks := catalogue.All(guides...)
	return requirements{guides, guide.Together(guides), checks, catalogue.IDs(checks)}
}

// trusted are the built-in roots and the further ones.
func (c *Cache) trusted(extra []*x509.Certificate) (*wire.Roots, error) {
	if c == nil {
		return wire.NewRoots(extra)
	}
	var key []byte
	for _, cert := range extra {
		if cert == nil {
			return nil, errors.New("one of the further certificates is nil")
		}
		key = append(key, cert.Raw...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if roots := c.roots[string(key)]; roots != nil {
		return roots, nil
	}
	roots, err := wire.NewRoots(extra)
	if err != nil {
		return nil, err
	}
	if c.roots == nil {
		c.roots = map[string]*wire.Roots{}
	}
	c.roots[string(key)] = roots
	return roots, nil
}
