package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	database, listen string
	names            []string
	private          bool
	ports            []uint
	keepConformant   int
	keepOthers       int
	oidc             team.OIDC
	secretFile       string
	notify           []string
	limits           page.Limits
	secrets          []string
	sealKey          string
	metrics          string
	logLevel         slog.Level
	logFormat        string
	agents           agentFlags
}

func newServe(out, errs io.Writer, getenv func(string) string) *cobra.Command {
	var o serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Serve the team's page", Args: noArguments,
		Long: `serve shows the page until it is interrupted. Without a log-in everybody who can open it can check any instance and see all
customers, so it listens on loopback alone. With --oidc-issuer people log in at an OpenID provider, and their groups decide whether
they are viewers (see reports), engineers (check, make links) or admins (delete, log others out). It speaks no TLS: put a proxy
before it that does.

It connects to public addresses and to port 443, unless --allow-private or --port say more. Secrets that are typed stay in
memory for their check.`,
		Example: `  halocheckd serve
  halocheckd serve --listen 127.0.0.1:8080 --database postgres://halocheckd@db.example/halocheckd --url https://halocheck.example \
    --oidc-issuer https://login.example --oidc-client-id halocheck --oidc-secret-file /etc/halocheckd/oidc --engineers support --admins it`,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c.Context(), out, errs, getenv, o) },
	}
	databaseFlag(c, &o.database)
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "where to listen: `HOST:PORT`; without a log-in on loopback")
	f.StringArrayVar(&o.names, "name", nil, "a further host `name` that the page is opened by; repeatable")
	f.BoolVar(&o.private, "allow-private", false, "allow checks of instances with private addresses, too")
	f.UintSliceVar(&o.ports, "port", nil, "allow checks of a further `port`, beside 443; repeatable")
	f.IntVar(&o.keepConformant, "keep-conformant", 90, "how many `days` conformant checks are kept; 0: for ever")
	f.IntVar(&o.keepOthers, "keep-others", 365, "how many `days` all other checks are kept; 0: for ever")
	f.StringArrayVar(&o.notify, "notify", nil, "`webhook=URL`, which hears what changed between two checks of a customer; repeatable")
	f.StringArrayVar(&o.secrets, "secret", nil, "`HOST=REFERENCE`: a Client Secret that checks of this host can use, file:PATH or keyring:NAME; repeatable")
	f.StringVar(&o.sealKey, "seal-key-file", "", "a `FILE` with a key of age-keygen (HALOCHECKD_SEAL_KEY): secrets can be kept with a customer, sealed with it; none: they are not kept")
	f.IntVar(&o.limits.AtOnce, "at-once", 16, "how many `checks` may be under way at once; watches count")
	f.IntVar(&o.limits.PerUser, "at-once-user", 4, "how many `checks` of one user or token may")
	f.IntVar(&o.limits.PerTarget, "at-once-target", 2, "how many `checks` of one instance may")
	f.StringVar(&o.metrics, "metrics", "", "where Prometheus reads metrics: `HOST:PORT`, which the monitoring alone should reach; empty: nowhere")
	o.agents.add(f)
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "the least `level` that is logged to standard error: DEBUG, INFO, WARN or ERROR")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	f.StringVar(&o.oidc.URL, "url", "", "the `URL` that browsers open the page by; needed for the log-in")
	f.StringVar(&o.oidc.Issuer, "oidc-issuer", "", "the OpenID provider's issuer `URL`; empty: there is no log-in")
	f.StringVar(&o.oidc.ClientID, "oidc-client-id", "", "the page's client `ID` at the provider; the redirect address is the page's URL with /login/callback")
	f.StringVar(&o.secretFile, "oidc-secret-file", "", "the client secret, from a `FILE` (HALOCHECKD_OIDC_SECRET); none: a public client")
	f.StringVar(&o.oidc.GroupsClaim, "oidc-groups", "groups", "the `claim` that lists somebody's groups")
	f.StringArrayVar(&o.oidc.Viewers, "viewers", nil, "a `group` whose members see customers and reports; repeatable")
	f.StringArrayVar(&o.oidc.Engineers, "engineers", nil, "a `group` whose members check instances and make links, too; repeatable")
	f.StringArrayVar(&o.oidc.Admins, "admins", nil, "a `group` whose members may do everything; repeatable")
	return c
}

// check refuses what is wrong by itself.
func (o serveFlags) check() error {
	local, err := flags.Listen("listen", o.listen, "127.0.0.1:8080")
	if err != nil {
		return usageError{err}
	}
	if o.oidc.Issuer == "" && !local {
		return usagef("--listen %q can be reached by others, and the page has no log-in; use 127.0.0.1, or give it a log-in with --oidc-issuer", o.listen)
	}
	if o.oidc.Issuer != "" && (o.oidc.URL == "" || o.oidc.ClientID == "") {
		return usagef("--oidc-issuer needs --url and --oidc-client-id")
	}
	for _, port := range o.ports {
		if port < 1 || port > 65535 {
			return usagef("--port %d is no port", port)
		}
	}
	if err := notify.Check(o.notify); err != nil {
		return usagef("--notify: %w", err)
	}
	if o.metrics != "" {
		if _, err := flags.Listen("metrics", o.metrics, "127.0.0.1:9464"); err != nil {
			return usageError{err}
		}
	}
	if o.logFormat != "text" && o.logFormat != "json" {
		return usagef("--log-format is text or json, and %q was given", o.logFormat)
	}
	if err := o.agents.check(); err != nil {
		return err
	}
	if o.limits.AtOnce < 1 || o.limits.PerUser < 1 || o.limits.PerTarget < 1 {
		return usagef("--at-once, --at-once-user and --at-once-target are numbers of checks, one at least")
	}
	if o.keepConformant < 0 || o.keepOthers < 0 {
		return usagef("--keep-conformant and --keep-others are numbers of days, or 0 for ever")
	}
	return nil
}

// targets are what may be checked.
func (o serveFlags) targets() team.Targets {
	t := team.Targets{Private: o.private}
	for _, port := range o.ports {
		t.Ports = append(t.Ports, uint16(port)) //nolint:gosec // check looked at it
	}
	return t
}

// login is how people log in; nil: they do not.
func (o serveFlags) login(ctx context.Context, source credential.Source) (*team.OIDC, error) {
	if o.oidc.Issuer == "" {
		return nil, nil //nolint:nilnil // documented
	}
	text, _, err := source.Read(ctx, o.secretFile, "HALOCHECKD_OIDC_SECRET")
	if err != nil {
		return nil, usagef("--oidc-secret-file: %w", err)
	}
	login := o.oidc
	login.ClientSecret = secret.New(strings.TrimSpace(text))
	return &login, nil
}

// seal is what secrets that are kept are sealed with; nil: none is kept.
func (o serveFlags) seal(ctx context.Context, source credential.Source) (*team.Seal, error) {
	text, given, err := source.Read(ctx, o.sealKey, "HALOCHECKD_SEAL_KEY")
	if err != nil {
		return nil, usagef("--seal-key-file: %w", err)
	}
	if !given {
		return nil, nil //nolint:nilnil // documented
	}
	seal, err := team.NewSeal(text)
	if err != nil {
		return nil, usagef("--seal-key-file: %w", err)
	}
	return seal, nil
}

// serve runs the page until ctx ends, which is how it is meant to end.
func serve(ctx context.Context, out, errs io.Writer, getenv func(string) string, o serveFlags) error {
	if err := o.check(); err != nil {
		return err
	}
	source := credential.Source{Stdin: strings.NewReader(""), Getenv: getenv, Keyring: credential.SystemKeyring(getenv)}
	login, err := o.login(ctx, source)
	if err != nil {
		return err
	}
	seal, err := o.seal(ctx, source)
	if err != nil {
		return err
	}
	stored, err := page.ParseStoredSecrets(o.secrets)
	if err != nil {
		return usagef("--secret: %w", err)
	}
	kept, err := store.Open(ctx, o.database)
	if err != nil {
		return usagef("--database: %w", err)
	}
	defer kept.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return usagef("--listen %s: it cannot be listened on: %w", o.listen, err)
	}
	defer listener.Close()
	log := o.logger(errs)
	day := 24 * time.Hour
	p, err := team.New(ctx, team.Options{
		Store: kept, Targets: o.targets(), Vantages: vantages.Attach(kept, func(err error) { log.Error(err.Error()) }), Look: vantages.Looker(kept), OIDC: login, Notify: o.notify, Log: log, Seal: seal,
		Retention: store.Retention{Conformant: time.Duration(o.keepConformant) * day, Others: time.Duration(o.keepOthers) * day},
		Page: page.Options{
			Table: settings.All, Faults: faketarget.Faults(), Demo: demo, Names: o.names, Limits: o.limits, Secrets: stored, Tell: func(err error) { log.Error(err.Error()) },
			Source: settings.Source{Source: source, Cache: &settings.Cache{}},
		},
	})
	if err != nil {
		return usageError{err}
	}
	until, stop := context.WithCancel(ctx)
	var others sync.WaitGroup
	defer func() { stop(); others.Wait() }()
	beside := func(listener net.Listener, handler page.Handler) {
		others.Go(func() {
			if err := page.Serve(until, listener, handler); err != nil {
				log.Error(err.Error())
			}
		})
	}
	if o.metrics != "" {
		monitored, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.metrics)
		if err != nil {
			p.Close()
			return usagef("--metrics %s: it cannot be listened on: %w", o.metrics, err)
		}
		beside(monitored, metricsHandler{p.Metrics()})
	}
	agents := ""
	if o.agents.listen != "" {
		listener, handler, err := o.agents.serve(ctx, kept, log)
		if err != nil {
			p.Close()
			return err
		}
		beside(listener, handler)
		agents = ", agents come to " + listener.Addr().String()
	}
	if _, err := fmt.Fprintf(out, "The page is at http://%s/%s (Ctrl-C ends it)\n", listener.Addr(), agents); err != nil {
		return err
	}
	return page.Serve(ctx, listener, p)
}
