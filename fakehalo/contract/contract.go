package contract

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// Connection is what a client is given, as a user types it into an integration.
type Connection struct {
	URL          string `json:"url"`      // Resource Server, without /api
	AuthURL      string `json:"auth_url"` // Authorisation Server, with its closing slash; the token endpoint is "token" below it
	Tenant       string `json:"tenant"`   // "Not set": the instance has none
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	CAFile       string `json:"ca_file"` // the roots to trust, in PEM

	Roots *x509.CertPool `json:"-"` // the same
}

// Client does its job once. It returns when the job is done, or with the error that a user would be told. ctx ends when the
// suite has seen enough.
type Client func(ctx context.Context, c Connection) error

// Class is how a client says that it ended.
type Class string

// The classes.
const (
	Done          Class = "done"          // the job is done
	Configuration Class = "configuration" // somebody has to change a setting: a secret, an address, a certificate
	Permission    Class = "permission"    // the application or its agent may not do this
	Transient     Class = "transient"     // it may work later
	Unclassified  Class = "error"         // an error of which the client does not say more
)

// Option changes what [Run] asks of a client.
type Option func(*suite)

// Classify says of which class a client's error is. Without it error-class is skipped.
func Classify(class func(error) Class) Option { return func(s *suite) { s.classify = class } }

// Writes allows operations that write, such as "POST /api/Tickets"; {id} stands for an id.
func Writes(operations ...string) Option {
	return func(s *suite) { s.writes = append(s.writes, operations...) }
}

// Only runs the named rules and no others, but for job.
func Only(rules ...string) Option { return func(s *suite) { s.only = append(s.only, rules...) } }

// Except skips a rule, or one case of a rule ("dialects/scope-all=literal"), and says why.
func Except(name, why string) Option { return func(s *suite) { s.except[name] = why } }

// Patience is how long a client may take for one case; 0 is 30 seconds.
func Patience(d time.Duration) Option { return func(s *suite) { s.patience = d } }

// On says which instance the cases are served by: its data, its application, its guide. The zero value is the one that
// [fakehalo.Start] serves. What a case is about is added to it; State and PlainHTTP are not for this.
func On(o fakehalo.Options) Option { return func(s *suite) { s.ground = o } }

// Verdict says of one case whether the client keeps a rule.
type Verdict struct {
	Rule   string `json:"rule"`
	Case   string `json:"case"`
	Status string `json:"status"`         // pass, fail or skip
	Says   string `json:"says,omitempty"` // what the client did, or why it was skipped
	Do     string `json:"do,omitempty"`   // what to change
}

func (v Verdict) String() string {
	if v.Do == "" {
		return v.Says
	}
	return v.Says + "\n    do: " + v.Do
}

// T is what [Run] needs of a *testing.T. It is an interface, so that a program that proves a client does not link package testing.
type T[S any] interface {
	Helper()
	Context() context.Context
	Run(name string, subtest func(S)) bool
	Error(args ...any)
	Skip(args ...any)
	Fatal(args ...any)
}

// Run proves a client; each verdict is a subtest of a *testing.T, RULE/CASE.
func Run[S T[S]](t S, client Client, opts ...Option) {
	t.Helper()
	verdicts, err := Verdicts(t.Context(), client, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verdicts {
		t.Run(v.Rule+"/"+v.Case, func(t S) {
			switch v.Status {
			case "fail":
				t.Error(v)
			case "skip":
				t.Skip(v)
			}
		})
	}
}

// Verdicts proves a client. The error says that a rule or an operation does not exist, or that nothing could be served. Where
// the client cannot do its job against a healthy instance, that is the only verdict.
func Verdicts(ctx context.Context, client Client, opts ...Option) ([]Verdict, error) {
	s, err := newSuite(opts)
	if err != nil {
		return nil, err
	}
	var out []Verdict
	for _, c := range s.cases {
		p, err := s.start(c)
		if err != nil {
			return out, fmt.Errorf("%s: %w", c.name, err)
		}
		verdicts := p.finish(s.drive(ctx, p, client))
		out = append(out, verdicts...)
		if p.hopeless(verdicts) {
			return out, nil
		}
	}
	return out, nil
}

// outcome is how a client says that it ended.
type outcome struct {
	class   Class
	message string
}

// drive runs the client until it returns, or the suite has seen enough.
func (s *suite) drive(ctx context.Context, p *played, client Client) outcome {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- client(ctx, p.connection) }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			return s.classified(err)
		case <-look.C:
			if p.endless() {
				cancel()
			}
		case <-ctx.Done():
			p.late = true
			select {
			case err := <-ended:
				return s.classified(err)
			case <-time.After(5 * time.Second):
				return outcome{Unclassified, "it did not return when its context ended"}
			}
		}
	}
}

func (s *suite) classified(err error) outcome {
	switch {
	case err == nil:
		return outcome{class: Done}
	case s.classify == nil:
		return outcome{Unclassified, err.Error()}
	}
	return outcome{s.classify(err), err.Error()}
}

// suite is what was asked for.
type suite struct {
	classify func(error) Class
	writes   []string
	only     []string
	except   map[string]string
	patience time.Duration
	ground   fakehalo.Options

	cases []testCase
	base  []request // what the client asked of a healthy instance
}

func newSuite(opts []Option) (*suite, error) {
	s := &suite{except: map[string]string{}, patience: 30 * time.Second}
	for _, o := range opts {
		o(s)
	}
	all := allCases()
	known, names := map[string]bool{}, []string{}
	for _, c := range all {
		kept := c
		kept.rules = nil
		for _, r := range c.rules {
			if !known[r.name] {
				names = append(names, r.name)
			}
			known[r.name], known[r.name+"/"+c.name] = true, true
			if len(s.only) == 0 || slices.Contains(s.only, r.name) || r.name == job.name {
				kept.rules = append(kept.rules, r)
			}
		}
		if len(kept.rules) > 0 {
			s.cases = append(s.cases, kept)
		}
	}
	for _, name := range s.only {
		if !known[name] {
			return nil, fmt.Errorf("there is no rule %q; the rules are %s", name, strings.Join(names, ", "))
		}
	}
	for name, why := range s.except {
		if !known[name] {
			return nil, fmt.Errorf("there is no rule or case %q", name)
		}
		if strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("an exception says why: Except(%q, \"…\")", name)
		}
	}
	return s, nil
}
