package halocheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
)

// Option changes how a check is done. An option that cannot be used is an error of the function that it is given to.
type Option interface{ apply(*settings) error }

// settings are what the options say; the zero value of each field means its default.
type settings struct {
	authURL, tenant           string
	authURLTyped, tenantTyped bool
	adminID                   string
	adminSecret               Secret

	guides    []*guide.Guide
	planned   []*guide.Guide
	profiles  []probes.Profile
	hosting   probes.Hosting
	teams     []string
	stable    string
	roots     []*x509.Certificate
	addresses map[string][]netip.Addr
	vantages  []probes.Vantage
	aia       string
	only      []string
	skip      []string
	attested  map[string]string
	waivers   []waiver.Waiver
	timeout   time.Duration
	resolver  Resolver
	proxy     func(wire.Endpoint) *url.URL
	limiter   func(ctx context.Context, host string) error
	cache     *Cache

	onProgress func(Progress)
	onNote     func(string)
	onPanic    func(where, what, stack string)
	onSession  []func(*probes.Session)
}

type option func(*settings) error

func (o option) apply(s *settings) error { return o(s) }

// apply gathers the options and fills in the defaults.
func apply(opts []Option) (*settings, error) {
	s := &settings{attested: map[string]string{}, addresses: map[string][]netip.Addr{}, timeout: time.Minute, onProgress: func(Progress) {}, onNote: func(string) {}}
	var wrong []error
	for _, o := range opts {
		wrong = append(wrong, o.apply(s))
	}
	return s, errors.Join(wrong...)
}

// WithAuthURL gives the Authorisation Server exactly as it is typed into the integration. Unset: the server that the
// instance itself names.
func WithAuthURL(typed string) Option {
	return option(func(s *settings) error {
		if authority, _, _ := strings.Cut(afterScheme(typed), "/"); strings.Contains(authority, "@") {
			return misuse("auth-url", "it holds a user name or a password; credentials go into the Client ID and the Client Secret")
		}
		if secret.LooksLikeOne(typed) {
			return misuse("auth-url", "it has the form of a Client ID or a Client Secret, so it is not repeated; the Authorisation Server looks like https://acme.halopsa.com/auth/")
		}
		s.authURL, s.authURLTyped = typed, true
		return nil
	})
}

// WithTenant gives the Tenant field as typed; "" means that the field is empty. Unset: the tenant that the instance names.
func WithTenant(typed string) Option {
	return option(func(s *settings) error { s.tenant, s.tenantTyped = typed, true; return nil })
}

// WithAdmin gives a second application with admin rights. It is used only to read roles and applications where the
// integration's own may not.
func WithAdmin(clientID string, clientSecret Secret) Option {
	return option(func(s *settings) error { s.adminID, s.adminSecret = clientID, clientSecret; return nil })
}

// WithGuide gives the guide to judge by; package guide reads one from a file. Unset: the built-in MSPCentric guide.
func WithGuide(g *guide.Guide) Option { return WithGuides(g) }

// WithGuides gives several guides to judge one instance by: it is asked once, and the report says of each guide what holds.
func WithGuides(guides ...*guide.Guide) Option {
	return option(func(s *settings) error { s.guides = present(guides); return nil })
}

// WithPlan adds guides of integrations that are not connected yet. The report says of each what is missing; its outcome is
// that of the others.
func WithPlan(guides ...*guide.Guide) Option {
	return option(func(s *settings) error { s.planned = present(guides); return nil })
}

func present(guides []*guide.Guide) []*guide.Guide {
	return slices.DeleteFunc(slices.Clone(guides), func(g *guide.Guide) bool { return g == nil })
}

// WithProfiles narrows the check to the uses named: "billing", "alerts". Unset: both.
func WithProfiles(names ...string) Option {
	return option(func(s *settings) error {
		for _, name := range names {
			if err := oneOf("profile", name, probes.Billing.Name(), probes.Alerts.Name()); err != nil {
				return err
			}
			s.profiles = append(s.profiles, probes.Profile(name))
		}
		return nil
	})
}

// WithHosting says who runs the instance: "auto" (the default), "hosted" or "on-premise".
func WithHosting(hosting string) Option {
	return option(func(s *settings) error {
		s.hosting = probes.Hosting(hosting)
		return oneOf("hosting", hosting, string(probes.Auto), string(probes.Hosted), string(probes.OnPremise))
	})
}

// WithTeams names the teams that alerts go to. Unset: any team that the agent sees will do.
func WithTeams(names ...string) Option {
	return option(func(s *settings) error {
		if slices.ContainsFunc(names, func(n string) bool { return strings.TrimSpace(n) == "" }) {
			return misuse("team", "the name is empty; give the team as HaloPSA shows it, or leave it out")
		}
		s.teams = append(s.teams, names...)
		return nil
	})
}

// WithStable says which version of HaloPSA is the current stable one, such as "2.250.1". Unset: what this version knows.
func WithStable(version string) Option {
	return option(func(s *settings) error {
		if _, err := product.Parse(version); version != "" && err != nil {
			return misuse("stable", "%q is no version; it looks like 2.190.1", version)
		}
		s.stable = version
		return nil
	})
}

// WithRoots adds trusted root certificates. The report says that a public integration will not have them.
func WithRoots(certs ...*x509.Certificate) Option {
	return option(func(s *settings) error { s.roots = append(s.roots, certs...); return nil })
}

// WithAddress pins a host and port to addresses instead of asking the resolver: "HOST:PORT:ADDR[,ADDR]", as curl's --resolve.
func WithAddress(entries ...string) Option {
	return option(func(s *settings) error {
		for _, e := range entries {
			if err := wire.Pin(s.addresses, e); err != nil {
				return misuse("resolve", "%w", err)
			}
		}
		return nil
	})
}

// WithVantage looks from a second place as well. name is the egress address that it has, or any name; url is socks5://,
// http:// or ssh://.
func WithVantage(name, url string) Option {
	return option(func(s *settings) error {
		if strings.TrimSpace(name) == "" || strings.Contains(name, "://") {
			return misuse("via", "it needs a name for the vantage point, as in 3.19.3.152=socks5://127.0.0.1:1080")
		}
		if err := wire.CheckVia(url); err != nil {
			return &SettingError{"via", name, err} // the URL may hold a password
		}
		s.vantages = append(s.vantages, probes.Vantage{Name: name, URL: url})
		return nil
	})
}

// WithAIA says whence missing intermediate certificates are fetched to explain a broken chain: "on" (public addresses, the
// default), "off", or "private" (private and loopback addresses too). It never changes a verdict.
func WithAIA(mode string) Option {
	return option(func(s *settings) error { s.aia = mode; return oneOf("aia", mode, "on", "off", "private") })
}

// WithOnly reports only the requirements that the globs name, such as "trust.*". What they need is still asked.
func WithOnly(globs ...string) Option {
	return option(func(s *settings) error { s.only = append(s.only, globs...); return nil })
}

// WithSkip leaves out the requirements that the globs name.
func WithSkip(globs ...string) Option {
	return option(func(s *settings) error { s.skip = append(s.skip, globs...); return nil })
}

// WithAttestation vouches for a requirement that cannot be observed from here: it turns unknown into a pass that is marked
// as attested, and nothing else.
func WithAttestation(id, reason string) Option {
	return option(func(s *settings) error {
		if strings.TrimSpace(reason) == "" {
			return &SettingError{"attest", id, errors.New("it needs a reason, such as \"the firewall's rules, read on 3 May by J. Doe\"")}
		}
		s.attested[id] = reason
		return nil
	})
}

// Waiver accepts a deviation: it stays visible and does not count.
type Waiver struct {
	ID     string // of the requirement
	Reason string
	Owner  string
	Until  string // the last day, YYYY-MM-DD; empty: no end
}

// WithWaivers accepts deviations.
func WithWaivers(list ...Waiver) Option {
	return option(func(s *settings) error {
		for _, w := range list {
			s.waivers = append(s.waivers, waiver.Waiver{ID: w.ID, Waiver: probes.Waiver{Reason: w.Reason, Owner: w.Owner, Until: w.Until}})
		}
		return nil
	})
}

// WithTimeout bounds the whole check, one minute by default. What is not known by then is unknown.
func WithTimeout(d time.Duration) Option {
	return option(func(s *settings) error {
		if s.timeout = d; d <= 0 {
			return misuse("timeout", "%s is no time to ask anything in; give one such as 60s", d)
		}
		return nil
	})
}

// WithProxy connects through a CONNECT or SOCKS5 proxy: http://, https:// or socks5://. TLS is verified end to end through
// it, so it sees no secret. Unset: no proxy is used, whatever the environment says.
func WithProxy(url string) Option {
	return option(func(s *settings) error {
		u, err := wire.ParseProxy(url)
		if err != nil {
			return misuse("proxy", "%w", err)
		}
		s.proxy = wire.FixedProxy(u)
		return nil
	})
}

// WithCache shares what is the same for many checks.
func WithCache(c *Cache) Option {
	return option(func(s *settings) error { s.cache = c; return nil })
}

// WithResolver looks names up elsewhere than the machine does.
func WithResolver(r Resolver) Option {
	return option(func(s *settings) error { s.resolver = r; return nil })
}

// WithLimiter is called before each request with the host that it goes to, and returns once the request may be sent.
func WithLimiter(wait func(ctx context.Context, host string) error) Option {
	return option(func(s *settings) error { s.limiter = wait; return nil })
}

// Progress is how far a run is.
type Progress struct {
	Done, Total int     // requirements
	Last        Finding // the zero value before the first one
}

// WithProgress hears how far [Run] and [Judge] are: once at the start, then after each finding.
func WithProgress(f func(Progress)) Option {
	return option(func(s *settings) error { s.onProgress = f; return nil })
}

// WithNotes hears, a sentence each, what [Run] and [Judge] noticed and what is no finding: waivers that ended or that are no
// longer needed.
func WithNotes(f func(string)) Option {
	return option(func(s *settings) error { s.onNote = f; return nil })
}

// WithPanicHandler hears of halocheck's own faults, one after the other and with every known secret taken out; they are
// findings too, with the status broken.
func WithPanicHandler(f func(where, what, stack string)) Option {
	return option(func(s *settings) error { s.onPanic = f; return nil })
}

// WithSession hands the assembled session over before the first request, to listen on its connections.
func WithSession(f func(*probes.Session)) Option {
	return option(func(s *settings) error { s.onSession = append(s.onSession, f); return nil })
}

// A SettingError is a mistake in what a check was given.
type SettingError struct {
	Setting string // its name, as the command and configuration files have it: "stable", "url"
	Value   string // which of several values of the setting is meant; empty: all, or there is one
	Problem error
}

func (e *SettingError) Error() string {
	if e.Sentence() {
		return "halocheck: " + e.Problem.Error()
	}
	return "halocheck: " + strings.TrimSpace(e.Setting+" "+e.Value) + ": " + e.Problem.Error()
}

// Sentence tells whether the problem names the setting itself.
func (e *SettingError) Sentence() bool {
	return e.Setting == "url" || strings.HasSuffix(e.Setting, "client-id")
}

// Unwrap returns the problem without the package's name.
func (e *SettingError) Unwrap() error { return e.Problem }

func misuse(setting, format string, args ...any) error {
	return &SettingError{Setting: setting, Problem: fmt.Errorf(format, args...)}
}

func afterScheme(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		return rest
	}
	return url
}

func oneOf(setting, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return misuse(setting, "there is no %q; it is one of %s", value, strings.Join(words, ", "))
}
