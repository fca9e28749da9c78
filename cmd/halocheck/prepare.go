package main

import (
	"context"
	"crypto/x509"
	"strings"

	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// prepare turns what was typed into a session. It asks nothing over the wire; every mistake is named here. The secret is
// read last, so that nobody is asked for one in vain.
func prepare(ctx context.Context, env environment, o *options, args []string) (*preparedCheck, error) {
	p, extra, err := prepareAny(ctx, o, args)
	if err != nil {
		return nil, err
	}
	if len(o.fakes) > 0 {
		return p, prepareFake(env, o, p, extra)
	}
	return p, prepareReal(env, o, p, args, extra)
}

// prepareAny is what a fake and a customer's instance have in common; extra are the roots of --ca-file.
func prepareAny(ctx context.Context, o *options, args []string) (_ *preparedCheck, extra []*x509.Certificate, err error) {
	if err := o.check(args); err != nil {
		return nil, nil, err
	}
	s := &probes.Session{Teams: o.teams, Stable: o.stable, Only: o.only, Skip: o.skip}
	kept, err := o.cache.guide(ctx, o.guide)
	if err != nil {
		return nil, nil, err
	}
	s.Guide = kept.guide
	p, ids := &preparedCheck{session: s, checks: kept.checks}, kept.ids
	if err := validateGlobs("only", o.only, ids); err != nil {
		return nil, nil, err
	}
	if err := validateGlobs("skip", o.skip, ids); err != nil {
		return nil, nil, err
	}
	if s.Attested, err = attestations(o.attest, ids); err != nil {
		return nil, nil, err
	}
	if p.waivers, err = waiver.Read(ctx, "--waive", o.waive, ids); err != nil {
		return nil, nil, err
	}
	for _, name := range o.profile {
		s.Profiles = append(s.Profiles, probes.Profile(name))
	}
	if s.Vantages, err = parseVia(o.via); err != nil {
		return nil, nil, err
	}
	if extra, err = readRoots(o.caFile); err != nil {
		return nil, nil, err
	}
	return p, extra, nil
}

// prepareReal points the session to a customer's instance.
func prepareReal(env environment, o *options, p *preparedCheck, args []string, extra []*x509.Certificate) (err error) {
	s := p.session
	if s.Target, err = target(o, args); err != nil {
		return err
	}
	if s.Net, err = o.cache.network(extra, o.resolve); err != nil {
		return err
	}
	p.cleanup = append(p.cleanup, s.Net.Close)
	probes.Local[trust.Options](s).AIA = o.aia
	return readCredentials(env, o, s)
}

// check refuses what is wrong by itself.
func (o *options) check(args []string) error {
	if err := o.output.check(); err != nil {
		return err
	}
	for _, name := range o.profile {
		if err := oneOf("profile", name, string(probes.Billing), string(probes.Alerts)); err != nil {
			return err
		}
	}
	if err := oneOf("hosting", o.hosting, string(probes.Auto), string(probes.Hosted), string(probes.OnPremise)); err != nil {
		return err
	}
	if err := oneOf("aia", o.aia, "on", "off", "private"); err != nil {
		return err
	}
	for _, team := range o.teams {
		if strings.TrimSpace(team) == "" {
			return usagef("--team: the name is empty; give the team as HaloPSA shows it, or leave the flag out")
		}
	}
	if _, err := product.Parse(o.stable); o.stable != "" && err != nil {
		return usagef("--stable: %q is no version; it looks like 2.190.1", o.stable)
	}
	if o.timeout <= 0 {
		return usagef("--timeout: %s is no time to ask anything in; give one such as 60s", o.timeout)
	}
	if o.pseudonymiseHosts && !o.output.wantsBundle() {
		return usagef("--pseudonymise-hosts is for bundles alone; add --out bundle=FILE.zip")
	}
	if o.allowWrites {
		return notImplemented("--allow-writes")
	}
	if o.secret == "-" && o.admin == "-" {
		return usagef("both secrets cannot come from standard input; put one of them into a file")
	}
	if len(o.fakes) > 0 && len(args) > 0 {
		return usagef("a URL and --fake exclude each other; leave one of them out")
	}
	return nil
}

// target is the instance as typed.
func target(o *options, args []string) (probes.Target, error) {
	if len(args) == 0 {
		return probes.Target{}, usagef("no URL was given; say which instance, as in `halocheck check https://acme.halopsa.com`, or try --fake healthy")
	}
	t := probes.Target{
		AuthURL: o.authURL, AuthTyped: o.typed("auth-url"), Tenant: o.tenant, TenantTyped: o.typed("tenant"),
		Hosting: probes.Hosting(o.hosting),
	}
	if strings.Contains(args[0], "@") {
		return t, usagef("the URL holds a user name or a password; credentials go into --client-id and --client-secret-file")
	}
	if strings.Contains(authority(o.authURL), "@") {
		return t, usagef("--auth-url holds a user name or a password; credentials go into --client-id and --client-secret-file")
	}
	u, err := probes.ParseTarget(args[0])
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
func readCredentials(env environment, o *options, s *probes.Session) (err error) {
	s.Credentials, err = loadCredentials(env, o.id, o.secret, "HALO_CLIENT_SECRET", "client-id", "client-secret-file")
	if err != nil {
		return err
	}
	s.Admin, err = loadCredentials(env, o.adminID, o.admin, "HALO_ADMIN_CLIENT_SECRET", "admin-client-id", "admin-secret-file")
	return err
}
