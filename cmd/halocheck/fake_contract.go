package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/contract"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/probes"
)

// contractFlags are the flags of fake --contract.
type contractFlags struct {
	on       bool
	writes   []string
	only     []string
	except   []string
	patience time.Duration
	out      []string
}

// contractOnly are the flags that mean something beside --contract alone.
var contractOnly = []string{"writes", "only", "except", "patience", "out"}

func (c *contractFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&c.on, "contract", false, "prove a client: one case after the other, see admin_url")
	f.StringArrayVar(&c.writes, "writes", nil, "what the client may write, `operations` such as 'POST /api/Tickets'; repeatable")
	f.StringSliceVar(&c.only, "only", nil, "prove these `rules` alone")
	f.StringArrayVar(&c.except, "except", nil, "skip `RULE=WHY` or RULE/CASE=WHY; repeatable")
	f.DurationVar(&c.patience, "patience", 0, "how long the client may take for a case (default 30s)")
	f.StringArrayVar(&c.out, "out", nil, "write the verdict, `FORMAT=FILE`; json or junit; repeatable")
}

// checkContract refuses what does not go together.
func (o fakeFlags) checkContract(given func(flag string) bool) error {
	if !o.contract.on {
		for _, flag := range contractOnly {
			if given(flag) {
				return usagef("--%s is for --contract; add that, or leave it out", flag)
			}
		}
		return nil
	}
	for _, flag := range []string{"http", "state", "replay", "list"} {
		if given(flag) {
			return usagef("--contract and --%s exclude each other: each case is a HaloPSA of its own, with certificates; leave one of them out", flag)
		}
	}
	if o.contract.patience < 0 || given("patience") && o.contract.patience < time.Second {
		return usagef("--patience %s is less than a second", o.contract.patience)
	}
	return nil
}

// options are the suite's.
func (c contractFlags) options(ground fakehalo.Options) ([]contract.Option, error) {
	ground.AdminAddr = "" // the session's listener has it
	out := []contract.Option{contract.On(ground), contract.Writes(c.writes...), contract.Only(c.only...)}
	if c.patience > 0 {
		out = append(out, contract.Patience(c.patience))
	}
	known := fakehalo.Operations()
	for _, operation := range c.writes {
		if !slices.Contains(known, operation) {
			return nil, usagef("--writes: there is no operation %q; GET /operations of a fake's admin_url lists them", operation)
		}
	}
	for _, exception := range c.except {
		name, why, ok := strings.Cut(exception, "=")
		if strings.HasPrefix(name, "dialects/") { // whose cases have a sign of their own: dialects/NAME=VALUE=WHY
			value, rest, more := strings.Cut(why, "=")
			name, why, ok = name+"="+value, rest, more
		}
		if !ok || strings.TrimSpace(why) == "" {
			return nil, usagef("--except %q is not RULE=WHY, such as paging=it reads one page", exception)
		}
		out = append(out, contract.Except(name, why))
	}
	return out, nil
}

// proveClient is --contract: it serves until ctx ends. The verdict is written when every case is over, or at the end.
func proveClient(ctx context.Context, env environment, o fakeFlags, ground fakehalo.Options) error {
	opts, err := o.contract.options(ground)
	if err != nil {
		return err
	}
	files, err := output.OpenAll("--out", o.contract.out, func(format string) error { return oneOf("out", format, "json", "junit") })
	if err != nil {
		return err
	}
	defer func() { output.Discard(files) }()
	session, err := contract.NewSession(opts...)
	if err != nil {
		return usagef("--contract: %w", err)
	}
	defer session.Close()
	l, err := net.Listen("tcp", o.admin)
	if err != nil {
		return usagef("--admin-addr: %w", err)
	}
	server := &http.Server{Handler: session.Handler(o.admin, o.host), ReadHeaderTimeout: time.Minute}
	defer func() { _ = server.Close() }()
	go func() { _ = server.Serve(l) }()
	at := session.Connection()
	if err := announce(env, readyLine{
		URL: at.URL, AuthURL: at.AuthURL, Tenant: at.Tenant, ClientID: at.ClientID, ClientSecret: at.ClientSecret, CAFile: at.CAFile, AdminURL: "http://" + l.Addr().String(),
	}); err != nil {
		return err
	}
	select {
	case <-session.Over():
	case <-ctx.Done():
	}
	r := session.Report()
	for _, f := range files {
		if err := f.Write(func(to io.Writer) error {
			if f.Format == "junit" {
				return r.JUnit(to)
			}
			return r.JSON(to)
		}); err != nil {
			return exit.Internal(err)
		}
	}
	<-ctx.Done()
	switch r.Outcome {
	case "fail":
		return exit.Code(probes.ExitNotConformant)
	case "incomplete":
		printMessage(env.err, fmt.Errorf("only %d of %d cases are over", r.Cases, r.Of))
		return exit.Code(probes.ExitIncomplete)
	}
	return nil
}
