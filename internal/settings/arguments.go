package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Source is where values come from that a setting only names.
type Source struct {
	credential.Source
	// Prompt asks the user for the secret of the application whose Client ID is the setting; nil: there is nobody to ask.
	Prompt func(clientID string) (string, error)
	Guides []*guide.Guide // where none is named; nil: the built-in one
	Cache  *Cache         // nil: nothing is kept
}

// Cache keeps what the settings of many checks have in common: guides by their file, and what package halocheck keeps.
type Cache struct {
	checks halocheck.Cache
	mu     sync.Mutex
	guides map[string]func() (*guide.Guide, error)
}

// guide reads a guide, once.
func (c *Cache) guide(ctx context.Context, file string) (*guide.Guide, error) {
	if c == nil {
		return guide.Open(ctx, file)
	}
	c.mu.Lock()
	read := c.guides[file]
	if read == nil {
		if c.guides == nil {
			c.guides = map[string]func() (*guide.Guide, error){}
		}
		read = sync.OnceValues(func() (*guide.Guide, error) { return guide.Open(ctx, file) })
		c.guides[file] = read
	}
	c.mu.Unlock()
	return read()
}

// Arguments are what the settings say for a call of package halocheck, and what they are read from.
type Arguments struct {
	Target  halocheck.Target
	Options []halocheck.Option

	*Values
	source       Source
	requirements []halocheck.Option // those that decide which requirements there are
	judgedBy     []*guide.Guide     // those of integrations that are connected
}

// Arguments applies every setting. It asks nothing; secrets are read when the check is about to start, and once.
func (v *Values) Arguments(ctx context.Context, source Source) (*Arguments, error) {
	a := &Arguments{Values: v, source: source, judgedBy: []*guide.Guide{guide.BuiltIn()}}
	if source.Cache != nil {
		a.requirements = append(a.requirements, halocheck.WithCache(&source.Cache.checks))
	}
	a.Options = slices.Clone(a.requirements)
	for _, s := range v.table {
		if s.Apply == nil {
			continue
		}
		if err := s.Apply(ctx, a, s); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Arguments) add(o halocheck.Option) { a.Options = append(a.Options, o) }

// An apply adds to the arguments what the values of its setting say.
type apply = func(context.Context, *Arguments, Setting) error

// given makes an option where the setting was given, be it empty.
func given(option func(string) halocheck.Option) apply {
	return func(_ context.Context, a *Arguments, s Setting) error {
		if a.Given(s.Name) {
			a.add(option(a.Text(s.Name)))
		}
		return nil
	}
}

// text makes an option of the setting's value or its default.
func text(option func(string) halocheck.Option) apply {
	return func(_ context.Context, a *Arguments, s Setting) error { a.add(option(a.Text(s.Name))); return nil }
}

// list makes an option of all values of the setting.
func list(option func(...string) halocheck.Option) apply {
	return func(_ context.Context, a *Arguments, s Setting) error { a.add(option(a.List(s.Name)...)); return nil }
}

// pairs makes an option of each value, which is a name and what follows the first equals sign.
func pairs(option func(name, value string) halocheck.Option) apply {
	return func(_ context.Context, a *Arguments, s Setting) error {
		for _, typed := range a.List(s.Name) {
			name, value, _ := strings.Cut(typed, "=")
			a.add(option(name, value))
		}
		return nil
	}
}

// file makes an option of what a file holds, where one is named.
func file(read func(ctx context.Context, a *Arguments, file string) (halocheck.Option, error)) apply {
	return func(ctx context.Context, a *Arguments, s Setting) error {
		if a.Text(s.Name) == "" {
			return nil
		}
		option, err := read(ctx, a, a.Text(s.Name))
		if err == nil {
			a.add(option)
		}
		return err
	}
}

func applyTimeout(_ context.Context, a *Arguments, _ Setting) error {
	a.add(halocheck.WithTimeout(a.Duration("timeout")))
	return nil
}

func applyURL(_ context.Context, a *Arguments, _ Setting) error {
	a.Target.URL = a.Text("url")
	return nil
}

func applyClient(_ context.Context, a *Arguments, _ Setting) error {
	a.Target.ClientID, a.Target.ClientSecret = a.Text("client-id"), a.secret("client-id", "client-secret-file")
	return nil
}

func applyAdmin(_ context.Context, a *Arguments, _ Setting) error {
	a.add(halocheck.WithAdmin(a.Text("admin-client-id"), a.secret("admin-client-id", "admin-secret-file")))
	return nil
}

// secret is the secret of an application: from the file, else from the variable, else from the user. Where neither a secret
// nor a Client ID was given it is nil.
func (a *Arguments) secret(idSetting, fileSetting string) halocheck.Secret {
	id, name := a.Text(idSetting), a.Text(fileSetting)
	row, _ := a.table.Lookup(fileSetting)
	variable := row.Variable
	if id == "" && name == "" && a.source.Getenv(variable) == "" {
		return nil
	}
	var once sync.Once
	var secret string
	var err error
	return func(ctx context.Context) (string, error) {
		once.Do(func() { secret, err = a.readSecret(ctx, idSetting, fileSetting, variable) })
		return secret, err
	}
}

func (a *Arguments) readSecret(ctx context.Context, idSetting, fileSetting, variable string) (string, error) {
	secret, found, err := a.source.Read(ctx, a.Text(fileSetting), variable)
	switch {
	case err != nil:
		return "", &halocheck.SettingError{Setting: fileSetting, Problem: err}
	case a.Text(idSetting) == "":
		return "", &halocheck.SettingError{Setting: idSetting, Problem: fmt.Errorf("there is a secret without a client id; add --%s", idSetting)}
	case found:
		return secret, nil
	}
	if a.source.Prompt != nil {
		if secret, err = a.source.Prompt(idSetting); secret != "" || err != nil {
			return secret, err
		}
	}
	who := map[string]string{"client-id": "a client id", "admin-client-id": "an admin client id"}[idSetting]
	return "", &halocheck.SettingError{Setting: idSetting, Problem: fmt.Errorf("there is %s without a secret; add --%s, or set %s", who, fileSetting, variable)}
}

// applyGuide takes the guides that either of two settings names; an inventory refuses both at once.
func applyGuide(ctx context.Context, a *Arguments, s Setting) error {
	guides, err := a.guides(ctx, s.Name, a.source.Guides)
	if err == nil && len(guides) > 0 {
		a.judgedBy = guides
		a.add(halocheck.WithGuides(guides...))
		a.requirements = append(a.requirements, halocheck.WithGuides(guides...))
	}
	return err
}

func applyPlan(ctx context.Context, a *Arguments, _ Setting) error {
	guides, err := a.guides(ctx, "plan", nil)
	if slices.Contains(a.List("plan"), allGuides) { // all others
		guides = slices.DeleteFunc(guides, func(g *guide.Guide) bool {
			return slices.ContainsFunc(a.judgedBy, func(o *guide.Guide) bool { return o.Name == g.Name })
		})
	}
	if err == nil && len(guides) > 0 {
		a.add(halocheck.WithPlan(guides...))
		a.requirements = append(a.requirements, halocheck.WithPlan(guides...))
	}
	return err
}

// guides are those that a setting names, and others where it names none.
func (a *Arguments) guides(ctx context.Context, setting string, others []*guide.Guide) ([]*guide.Guide, error) {
	if !a.Given(setting) {
		return others, nil
	}
	var all []*guide.Guide
	for _, name := range a.List(setting) {
		if name = strings.TrimSpace(name); name == "" {
			continue // beside a comma
		}
		if name == allGuides {
			all = append(all, guide.Library()...)
			continue
		}
		g, err := a.source.Cache.guide(ctx, name)
		if err != nil {
			return nil, &halocheck.SettingError{Setting: setting, Problem: unprefixed{err}}
		}
		all = append(all, g)
	}
	if len(all) == 0 && len(a.List(setting)) > 0 {
		return nil, &halocheck.SettingError{Setting: setting, Problem: errors.New("it names no guide; `halocheck guide list` names those of the library")}
	}
	return all, nil
}

// unprefixed is an error of package guide where the setting is named by itself.
type unprefixed struct{ error }

func (e unprefixed) Error() string { return strings.TrimPrefix(e.error.Error(), "guide: ") }

func (e unprefixed) Unwrap() error { return e.error }

// allGuides stands for every guide of the library.
const allGuides = "all"

// maxRoots bounds a file of roots, in bytes: all public ones together have a quarter of a MiB.
const maxRoots = 4 << 20

func readRoots(ctx context.Context, _ *Arguments, file string) (halocheck.Option, error) {
	data, err := document.ReadFile(ctx, file, document.Limits{Bytes: maxRoots})
	if err != nil {
		return nil, &halocheck.SettingError{Setting: "ca-file", Problem: err}
	}
	certs, err := wire.ParsePEM(data)
	if err != nil {
		return nil, &halocheck.SettingError{Setting: "ca-file", Value: file, Problem: err}
	}
	return halocheck.WithRoots(certs...), nil
}

// readWaivers reads the file against the requirements of the guide, which comes before it in the table.
func readWaivers(ctx context.Context, a *Arguments, file string) (halocheck.Option, error) {
	known, err := halocheck.Requirements(a.requirements...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range known {
		ids = append(ids, r.ID)
	}
	accepted, err := waiver.Read(ctx, "--waive", file, ids)
	if err != nil {
		return nil, err
	}
	var list []halocheck.Waiver
	for _, w := range accepted {
		list = append(list, halocheck.Waiver{ID: w.ID, Reason: w.Reason, Owner: w.Owner, Until: w.Until})
	}
	return halocheck.WithWaivers(list...), nil
}

// applyProxy takes the proxy of a URL, or on demand that of the environment. One of the environment that is not used is told
// of where it may be the reason for what was seen.
func applyProxy(_ context.Context, a *Arguments, _ Setting) error {
	typed := a.Text("proxy")
	fromEnvironment, err := wire.EnvironmentProxy(a.source.Getenv)
	switch {
	case typed == "":
		if err == nil { // a variable that nobody uses may hold anything
			a.add(halocheck.WithSession(func(s *probes.Session) { s.Net.UnusedProxy = fromEnvironment }))
		}
	case secret.LooksLikeOne(typed):
		return &halocheck.SettingError{Setting: "proxy", Problem: errors.New("what was given looks like a secret, so it is not repeated; a proxy looks like http://proxy.example:3128")}
	case typed != "env":
		a.add(halocheck.WithProxy(typed))
	case err != nil:
		return &halocheck.SettingError{Setting: "proxy", Value: typed, Problem: err}
	case fromEnvironment == nil:
		return &halocheck.SettingError{Setting: "proxy", Value: typed,
			Problem: fmt.Errorf("none of %s is set; set one, or give the proxy's URL", strings.Join(wire.ProxyVariables, ", "))}
	default:
		a.add(halocheck.WithSession(func(s *probes.Session) { s.Net.Proxy = fromEnvironment }))
	}
	return nil
}
