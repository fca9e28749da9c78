package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// fakeFlags are the flags of fake.
type fakeFlags struct {
	addr           string
	admin          string
	host           string
	faults         []string
	rate           string
	http           bool
	strict         bool
	webhooks       bool
	insecureListen bool
	list           bool
	format         string
	scenario       string
	guides         []string
	state          string
	seed           uint64
	sizes          []string
	replay         string
	contract       contractFlags
}

func newFake(env environment) *cobra.Command {
	var o fakeFlags
	c := &cobra.Command{
		Use: "fake", Short: "Run a fake HaloPSA", Args: noArguments,
		Long: `fake serves an invented HaloPSA over TLS until it is interrupted.

When it is ready it prints one JSON line on standard output: url, auth_url,
tenant, client_id, client_secret, ca_file, admin_url, pid. Give the first six
to your integration. At admin_url are the journal of its requests, faults on
any operation, the clock, a reset, /health, the roots (/ca.pem), and a list of
all that it answers.

With --contract it proves a client instead: a program of yours asks admin_url
for one case after the other, runs the client, and says how that ended; the
verdict is there, too. Exit code: 0 it passed, 1 it failed, 3 cases are left.`,
		Example: `  halocheck fake --size Tickets=1000 --rate-limit off
  halocheck fake --fault missing-intermediate --fault dialect:page-cap=100
  halocheck fake --scenario desk.yaml --state desk.db
  halocheck fake --replay acme
  halocheck fake --contract --out junit=contract.xml
  halocheck fake --list`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.contract.on && !c.Flags().Changed("rate-limit") {
				o.rate = "off" // a case is about something else
			}
			if err := o.checkContract(c.Flags().Changed); err != nil {
				return err
			}
			if o.list {
				return writeFaults(env, o.format)
			}
			return serve(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "where to listen, on loopback unless --insecure-listen")
	f.StringVar(&o.admin, "admin-addr", "127.0.0.1:0", "where the admin listener is")
	f.StringVar(&o.host, "host", "", "the `name` that clients use (default localhost)")
	f.StringSliceVar(&o.faults, "fault", nil, "what is wrong with it, `names` of --list; repeatable")
	f.BoolVar(&o.strict, "strict", false, "400 for what HaloPSA would ignore without a word")
	f.BoolVar(&o.webhooks, "webhooks-anywhere", false, "deliver webhooks to other machines, too")
	f.StringVar(&o.rate, "rate-limit", "700/5m", "most requests, `N/D`, or off")
	f.BoolVar(&o.http, "http", false, "serve without TLS")
	f.BoolVar(&o.insecureListen, "insecure-listen", false, "allow an address that others can reach")
	f.BoolVar(&o.list, "list", false, "list the faults and dialects")
	f.StringVar(&o.format, "format", "text", "how --list lists them: text or json")
	f.StringVar(&o.scenario, "scenario", "", "serve the instance that a `file` describes")
	f.StringSliceVar(&o.guides, "guide", nil, "serve an instance that satisfies these `guides`")
	f.StringVar(&o.state, "state", "", "keep what is written in a `file`, across crashes")
	f.Uint64Var(&o.seed, "seed", 0, "what the records of --size are drawn from")
	f.StringSliceVar(&o.sizes, "size", nil, "how many, `RESOURCE=N` such as Tickets=1000")
	f.StringVar(&o.replay, "replay", "", "serve a `folder` that halocheck record made")
	o.contract.add(f)
	return c
}

// readyLine is the line that says where the fake is; its names are the contract's. The rest is at admin_url/instance.
type readyLine struct {
	URL          string `json:"url"`
	AuthURL      string `json:"auth_url"` // as it would be typed into the integration
	Tenant       string `json:"tenant"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"` // invented, like all the rest
	CAFile       string `json:"ca_file"`       // empty with --http
	AdminURL     string `json:"admin_url"`
	PID          int    `json:"pid"`
}

// serve runs the fake until ctx ends, which is how it is meant to end.
func serve(ctx context.Context, env environment, o fakeFlags) error {
	for flag, addr := range map[string]string{"addr": o.addr, "admin-addr": o.admin} {
		if err := flags.ListenLocally(flag, addr, "the fake's secrets are public", o.insecureListen); err != nil {
			return err
		}
	}
	if err := checkHost(o.host); err != nil {
		return err
	}
	options, err := fakeOptions(ctx, o)
	if err != nil {
		return err
	}
	if o.contract.on {
		return proveClient(ctx, env, o, options)
	}
	_, missing := os.Stat(o.state)
	if o.state != "" {
		if options.State, err = output.ResolveRegular(o.state); err != nil {
			return usagef("--state: %w", err)
		}
	}
	debug.SetGCPercent(30) // the records stay, so a third of them is garbage enough: 100,000 tickets and their selections fit into 300 MB
	s, err := fakehalo.StartWith(options)
	if errors.Is(err, fakehalo.ErrStateDamaged) {
		return exit.Internal(fmt.Errorf("the fake cannot serve: %w", err))
	}
	if err != nil {
		return usagef("the fake cannot serve: %w", err)
	}
	defer faketarget.Close(s)
	if options.State != "" || len(options.Seed.Sizes) > 0 {
		runtime.GC() // what reading many records left is not cleared away during the first request
	}
	if o.state != "" && missing == nil && (o.seed != 0 || len(o.sizes) > 0) {
		printMessage(env.err, fmt.Errorf("--state %s was there already: its records are served, and --seed and --size change nothing", o.state))
	}
	if s.CAFile == "" && !o.http {
		printMessage(env.err, fmt.Errorf("no file could be written for the roots, so ca_file is empty; they are at %s/ca.pem", s.AdminURL))
	}
	if err := announce(env, readyLine{
		URL: s.URL, AuthURL: s.Credentials.AuthURL, Tenant: s.Credentials.Tenant, ClientID: s.Credentials.ClientID,
		ClientSecret: s.Credentials.ClientSecret, CAFile: s.CAFile, AdminURL: s.AdminURL,
	}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// announce prints the line that says where the fake is.
func announce(env environment, at readyLine) error {
	printMessage(env.err, errors.New("this is a fake HaloPSA with invented data; never give it a real secret"))
	at.PID = os.Getpid()
	ready, err := safetext.JSON(at, "")
	if err == nil {
		_, err = env.out.Write(ready)
	}
	return exit.Unwritten(err)
}
