package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen         string
	insecureListen bool
	names          []string
	secrets        []string
}

func newServe(env environment) *cobra.Command {
	var o serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Show the diagnosis as a page on this machine", Args: noArguments,
		Long: `serve is halocheck as a page, for people without a terminal: a form, the findings as they come, the report, what is handed
on to others, and a fake HaloPSA for every fault. It prints its address and serves until it is interrupted.

Whoever can open the page can make checks from this machine, so it listens on loopback alone unless --insecure-listen is
given. A secret that is typed stays in memory for its check; one that --secret names is sent to its own host alone.`,
		Example: `  halocheck serve
  halocheck serve --listen 127.0.0.1:8080 --secret acme.halopsa.com=keyring:acme`,
		RunE: func(c *cobra.Command, _ []string) error { return servePage(c.Context(), env, o) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "where to listen, on loopback unless --insecure-listen")
	f.BoolVar(&o.insecureListen, "insecure-listen", false, "allow an address that others can reach; they can make checks from this machine, and read what is typed on the way")
	f.StringArrayVar(&o.names, "name", nil, "a further host `name` that the page is opened by, beside localhost and addresses; repeatable")
	f.StringArrayVar(&o.secrets, "secret", nil, "offer a stored Client Secret, `HOST=REFERENCE` with file:PATH or keyring:NAME; repeatable")
	return c
}

// servePage runs the page until ctx ends, which is how it is meant to end.
func servePage(ctx context.Context, env environment, o serveFlags) error {
	if err := flags.ListenLocally("listen", o.listen, "they could make checks from this machine", o.insecureListen); err != nil {
		return err
	}
	secrets, err := page.ParseStoredSecrets(o.secrets)
	if err != nil {
		return usagef("--secret: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return usagef("--listen %s: it cannot be listened on: %w", o.listen, err)
	}
	defer listener.Close()
	source := env.secrets()
	source.Stdin = strings.NewReader("")
	p, err := page.New(ctx, page.Options{
		Table: env.settings(), Source: settings.Source{Source: source, Cache: &settings.Cache{}}, Secrets: secrets, Faults: faketarget.Faults(), Names: o.names, Open: o.insecureListen,
		Demo: env.demo, Tell: func(err error) { printMessage(env.err, err) },
	})
	if err != nil {
		return exit.Internal(err)
	}
	defer p.Close()
	if o.insecureListen {
		printMessage(env.err, errors.New("others can reach this page, make checks from this machine, and read what is typed on the way, since it speaks no TLS"))
	}
	if _, err := fmt.Fprintf(env.out, "The page is at http://%s/ (Ctrl-C ends it)\n", listener.Addr()); err != nil {
		return exit.Unwritten(err)
	}
	if err := page.Serve(ctx, listener, p); err != nil {
		return exit.Internal(err)
	}
	return nil
}

// demo starts a fake with faults, for the page to check.
func (env environment) demo(ctx context.Context, names ...string) (*page.Demo, error) {
	env = withoutCustomer(env)
	o := newOptions(env, settings.Check)
	if err := o.Set("fake", strings.Join(names, ",")); err != nil {
		return nil, err
	}
	server, err := startFake(o)
	if err != nil {
		return nil, err
	}
	p, err := prepareFake(ctx, env, o, server)
	if err != nil {
		return nil, err
	}
	return &page.Demo{Arguments: p.Arguments, Close: p.close}, nil
}
