package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/machine"
	"github.com/halocheck/halocheck/internal/memory"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func newCheck(env environment) *cobra.Command {
	o := newOptions(env, settings.Check)
	c := &cobra.Command{
		Use:   "check URL",
		Short: "Diagnose one instance",
		Long: `check asks one HaloPSA what the guide requires of it and says what does not hold, what was seen, and who has to do what.

URL is the Resource Server as the customer knows it: https://acme.halopsa.com, with or without /api or a slash at the end.
Without credentials everything that anybody can see is still judged.

Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 incomplete, 4 halocheck itself broke.`,
		Example: `  halocheck check https://acme.halopsa.com --client-id ID --client-secret-file secret.txt
  halocheck check --fake missing-intermediate`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("check takes one URL, and %d words were given; a value with blanks needs quotes", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			defer memory.Bound(checkMemory)()
			if o.isFake() {
				env = withoutCustomer(env)
			}
			if err := o.read(c.Context(), env, args); err != nil {
				return err
			}
			return check(c.Context(), env, o)
		},
	}
	o.addFlags(c, settings.Check)
	return c
}

// checkMemory is what a check may take before it collects garbage eagerly, in bytes: its heap is a few MiB, and the rest of
// what servers send is garbage soon.
const checkMemory = 14 << 20

// ask runs the check, once or until it is conformant.
func (p *preparedCheck) ask(ctx context.Context, env environment, o *options) (*halocheck.Report, error) {
	first := true
	started := halocheck.WithSession(func(s *probes.Session) {
		if first && !o.isFake() && !o.Bool("quiet") {
			if err := machine.UnusedProxy(s, env.getenv); err != nil {
				printMessage(env.err, err)
			}
		}
		if first = false; o.output.wantsBundle() {
			s.Net.Log = halo.NewLog()
		}
	})
	if o.watches() {
		return p.watch(ctx, env, o, started)
	}
	return p.run(ctx, env, o.Bool("quiet"), started)
}

// check is one run: everything is validated before the first request, and the files are opened before it.
func check(ctx context.Context, env environment, o *options) error {
	if err := o.output.check(); err != nil {
		return err
	}
	outs, err := output.OpenAll("--out", o.List("out"), checkOutFormat)
	if err != nil {
		return err
	}
	defer output.Discard(outs)
	p, err := prepare(ctx, env, o)
	if err != nil {
		return err
	}
	defer p.close()
	r, err := p.ask(ctx, env, o)
	if err != nil {
		return err
	}
	o.output.writeBundle = func(to io.Writer, r *report.Report) error {
		return bundle.Write(to, p.session, r, bundle.Options{HideHosts: o.Bool("pseudonymise-hosts")})
	}
	if o.Bool("verbose") {
		to := env.out
		if o.Text("format") != "text" {
			to = env.err // standard output is one document
		}
		_, _ = io.WriteString(to, machine.Describe(ctx, p.session))
	}
	if err := o.output.write(env, r, outs); err != nil {
		return err
	}
	if r.Exit != probes.ExitConformant {
		return exit.Code(r.Exit)
	}
	return nil
}
