package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
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
			defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
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

// gcPercent keeps a check small, whose heap is a few MiB: what servers send is garbage soon. The runtime's default is 100.
const gcPercent = 50

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
	if !o.isFake() && !o.Bool("quiet") {
		warnAboutProxy(env, p.session)
	}

	if o.output.wantsBundle() {
		p.session.Net.Log = halo.NewLog()
		o.output.writeBundle = func(to io.Writer, r *report.Report) error {
			return bundle.Write(to, p.session, r, bundle.Options{HideHosts: o.Bool("pseudonymise-hosts")})
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.Duration("timeout"))
	defer cancel()
	started := time.Now()
	findings := runChecks(ctx, env, p, o.Bool("quiet"))
	env.print(waiver.Apply(p.waivers, findings, started))
	r, err := report.New(p.session, version.String(), findings, started, time.Since(started))
	if err != nil {
		return internalError{err}
	}
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		r.Exit = probes.ExitIncomplete // whatever is known by then: issue 2, "Bad input"
	}
	if o.Bool("verbose") {
		to := env.out
		if o.Text("format") != "text" {
			to = env.err // standard output is one document
		}
		writeMachine(ctx, to, p.session)
	}
	if err := o.output.write(env, r, outs); err != nil {
		return err
	}
	if r.Exit != probes.ExitConformant {
		return exitError{r.Exit}
	}
	return nil
}

// runChecks runs the checks.
func runChecks(ctx context.Context, env environment, p *preparedCheck, quiet bool) []probes.Finding {
	bar := newProgress(env, len(p.checks), quiet)
	defer bar.erase()
	s := p.session
	s.OnPanic = func(where string, what any, stack []byte) {
		redactor := halo.Redactor(s)
		printMessage(env.err, fmt.Errorf("it broke in %s, which is its own fault: %s", where, redactor.Redact(fmt.Sprint(what))))
		_, _ = fmt.Fprintln(env.err, redactor.Redact(string(stack)))
	}
	var findings []probes.Finding
	for f := range probes.Run(ctx, s, p.checks) {
		findings = append(findings, f)
		bar.step(f.ID)
	}
	return findings
}

// preparedCheck is a run that is ready to start.
type preparedCheck struct {
	session *probes.Session
	checks  []probes.Check
	waivers []waiver.Waiver
	cleanup []func() // what has to be closed at the end, last first
}

func (p *preparedCheck) close() {
	for i := len(p.cleanup) - 1; i >= 0; i-- {
		p.cleanup[i]()
	}
}

// checksOf is what a guide file, or the built-in guide, asks for.
func checksOf(s *probes.Session) []probes.Check { return catalogue.All(s.Guide) }
