package main

import (
	"context"
	"crypto/x509"
	"strings"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// prepare turns what was typed into a session. It asks nothing over the wire; every mistake is named here. The secret is
// read last, so that nobody is asked for one in vain.
func prepare(ctx context.Context, env environment, o *options) (*preparedCheck, error) {
	p, extra, err := prepareAny(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.isFake() {
		return p, prepareFake(ctx, env, o, p, extra)
	}
	return p, prepareReal(ctx, env, o, p, extra)
}

// prepareAny is what a fake and a customer's instance have in common; extra are the roots of --ca-file.
func prepareAny(ctx context.Context, o *options) (_ *preparedCheck, extra []*x509.Certificate, err error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	s := &probes.Session{Teams: o.List("team"), Stable: o.Text("stable"), Only: o.List("only"), Skip: o.List("skip")}
	kept, err := o.cache.guide(ctx, o.Text("guide"))
	if err != nil {
		return nil, nil, err
	}
	s.Guide = kept.guide
	p, ids := &preparedCheck{session: s, checks: kept.checks}, kept.ids
	if err := settings.ValidateGlobs("only", o.List("only"), ids); err != nil {
		return nil, nil, err
	}
	if err := settings.ValidateGlobs("skip", o.List("skip"), ids); err != nil {
		return nil, nil, err
	}
	if s.Attested, err = settings.ParseAttestations(o.List("attest"), ids); err != nil {
		return nil, nil, err
	}
	if p.waivers, err = waiver.Read(ctx, "--waive", o.Text("waive"), ids); err != nil {
		return nil, nil, err
	}
	for _, name := range o.List("profile") {
		s.Profiles = append(s.Profiles, probes.Profile(name))
	}
	if s.Vantages, err = parseVia(o.List("via")); err != nil {
		return nil, nil, err
	}
	if extra, err = readRoots(ctx, o.Text("ca-file")); err != nil {
		return nil, nil, err
	}
	return p, extra, nil
}

// prepareReal points the session to a customer's instance.
func prepareReal(ctx context.Context, env environment, o *options, p *preparedCheck, extra []*x509.Certificate) (err error) {
	s := p.session
	if s.Target, err = target(o); err != nil {
		return err
	}
	if s.Net, err = o.cache.network(extra, o.List("resolve")); err != nil {
		return err
	}
	p.cleanup = append(p.cleanup, s.Net.Close)
	if err := setProxy(env, o.Text("proxy"), s.Net); err != nil {
		return err
	}
	probes.Local[trust.Options](s).AIA = o.Text("aia")
	return readCredentials(ctx, env, o, s)
}

// check refuses what is wrong by itself.
func (o *options) check() error {
	if err := o.Validate(); err != nil {
		return err
	}
	for _, team := range o.List("team") {
		if strings.TrimSpace(team) == "" {
			return usagef("--team: the name is empty; give the team as HaloPSA shows it, or leave the flag out")
		}
	}
	if _, err := product.Parse(o.Text("stable")); o.Text("stable") != "" && err != nil {
		return usagef("--stable: %q is no version; it looks like 2.190.1", o.Text("stable"))
	}
	if o.Duration("timeout") <= 0 {
		return usagef("--timeout: %s is no time to ask anything in; give one such as 60s", o.Duration("timeout"))
	}
	if o.Bool("pseudonymise-hosts") && !o.output.wantsBundle() {
		return usagef("--pseudonymise-hosts is for bundles alone; add --out bundle=FILE.zip")
	}
	if o.Bool("allow-writes") {
		return notImplemented("--allow-writes")
	}
	if o.Text("client-secret-file") == "-" && o.Text("admin-secret-file") == "-" {
		return usagef("both secrets cannot come from standard input; put one of them into a file")
	}
	return nil
}

// target is the instance as typed.
func target(o *options) (probes.Target, error) {
	typed := o.Text("url")
	if typed == "" {
		return probes.Target{}, usagef("no URL was given; say which instance, as in `halocheck check https://acme.halopsa.com`, or try --fake healthy")
	}
	t := probes.Target{
		AuthURL: o.Text("auth-url"), AuthTyped: o.Given("auth-url"), Tenant: o.Text("tenant"), TenantTyped: o.Given("tenant"),
		Hosting: probes.Hosting(o.Text("hosting")),
	}
	if strings.Contains(typed, "@") {
		return t, usagef("the URL holds a user name or a password; credentials go into --client-id and --client-secret-file")
	}
	if strings.Contains(authority(o.Text("auth-url")), "@") {
		return t, usagef("--auth-url holds a user name or a password; credentials go into --client-id and --client-secret-file")
	}
	if secret.LooksLikeOne(o.Text("auth-url")) {
		return t, usagef("--auth-url has the form of a Client ID or a Client Secret, so it is not repeated; the Authorisation Server looks like https://acme.halopsa.com/auth/")
	}
	u, err := probes.ParseTarget(typed)
	if err != nil {
		return t, err
	}
	t.Resource = u
	return t, nil
}

// authority is the part of a URL that may hold a password.
func authority(typed string) string {
	_, rest, _ := strings.Cut(typed, "://")
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}

// readGuide is the built-in guide, or the one in a file.
func readGuide(ctx context.Context, file string) (*guide.Guide, error) {
	if file == "" {
		return guide.BuiltIn(), nil
	}
	g, err := guide.Load(ctx, file)
	if err != nil {
		return nil, usagef("--guide: %s", strings.TrimPrefix(err.Error(), "guide: "))
	}
	return g, nil
}

// readCredentials reads both applications' credentials.
func readCredentials(ctx context.Context, env environment, o *options, s *probes.Session) (err error) {
	s.Credentials, err = loadCredentials(ctx, env, o.Text("client-id"), o.Text("client-secret-file"), "HALO_CLIENT_SECRET", "client-id", "client-secret-file")
	if err != nil {
		return err
	}
	s.Admin, err = loadCredentials(ctx, env, o.Text("admin-client-id"), o.Text("admin-secret-file"), "HALO_ADMIN_CLIENT_SECRET", "admin-client-id", "admin-secret-file")
	return err
}
