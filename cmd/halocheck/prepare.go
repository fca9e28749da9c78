package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// preparedCheck is a check that is ready to start: what package halocheck is called with, and what is closed behind it.
type preparedCheck struct {
	*settings.Arguments
	session *probes.Session  // once it has started
	fake    *fakehalo.Server // nil: a customer's instance is checked
}

// prepare turns what was typed into a check. It asks nothing over the wire.
func prepare(ctx context.Context, env environment, o *options) (*preparedCheck, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.isFake() {
		server, err := startFake(o)
		if err != nil {
			return nil, err
		}
		return prepareFake(ctx, env, o, server)
	}
	if o.Text("url") == "" {
		return nil, usagef("no URL was given; say which instance, as in `halocheck check https://acme.halopsa.com`, or try --fake healthy")
	}
	a, err := o.Arguments(ctx, env.source(o))
	return &preparedCheck{Arguments: a}, err
}

// source is where settings are read from that are only named.
func (env environment) source(o *options) settings.Source {
	return settings.Source{Source: env.secrets(), Prompt: func(setting string) (string, error) { return promptSecret(env, setting) }, Cache: o.cache}
}

func (p *preparedCheck) close() {
	if p.fake != nil {
		faketarget.Close(p.fake)
	}
}

// run asks everything, with a line of progress unless it is quiet. What is known when it is interrupted is a report, too.
func (p *preparedCheck) run(ctx context.Context, env environment, quiet bool, more ...halocheck.Option) (*halocheck.Report, error) {
	line := newProgress(env, quiet)
	defer line.erase()
	opts := slices.Concat(p.Options, more, env.listeners(), []halocheck.Option{
		halocheck.WithSession(func(s *probes.Session) { p.session = s }), halocheck.WithProgress(line.show),
	})
	r, err := halocheck.Run(ctx, p.Target, opts...)
	if r == nil {
		return nil, refused(err)
	}
	if errors.Is(err, probes.ErrInterrupted) {
		r.Exit = probes.ExitIncomplete // issue 2, "Bad input"
	}
	return r, nil
}

// listeners are the options that tell on standard error what is no finding.
func (env environment) listeners() []halocheck.Option {
	return []halocheck.Option{
		halocheck.WithNotes(func(note string) { printMessage(env.err, errors.New(note)) }),
		halocheck.WithPanicHandler(func(where, what, stack string) {
			printMessage(env.err, fmt.Errorf("it broke in %s, which is its own fault: %s", where, what))
			_, _ = fmt.Fprintln(env.err, stack)
		}),
	}
}

// refused is the error of a check that did not start: the user's, or else halocheck's own.
func refused(err error) error {
	var wrong *halocheck.SettingError
	var told exit.Code
	if errors.As(err, &wrong) || errors.As(err, &told) || errors.Is(err, probes.ErrInterrupted) {
		return err
	}
	return exit.Internal(err)
}

// check refuses what is wrong by itself.
func (o *options) check() error {
	if err := o.Validate(); err != nil {
		return err
	}
	if err := o.checkWatch(); err != nil {
		return err
	}
	if o.Bool("pseudonymise-hosts") && !o.output.wantsBundle() {
		return usagef("--pseudonymise-hosts is for bundles alone; add --out bundle=FILE.zip")
	}
	if o.Bool("allow-writes") {
		return notImplemented("--allow-writes")
	}
	return nil
}
