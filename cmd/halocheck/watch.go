package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/terminal"
	"github.com/halocheck/halocheck/internal/watch"
	"github.com/halocheck/halocheck/probes"
)

// watches tells whether the check is to be repeated.
func (o *options) watches() bool { return o.Given("watch") }

// checkWatch refuses what is wrong with the settings of a watch.
func (o *options) checkWatch() error {
	switch {
	case o.watches() && o.Duration("watch") < time.Second:
		return usagef("--watch=%s is too often; give at least 1s", o.Text("watch"))
	case o.watches() && o.Duration("watch-for") <= 0:
		return usagef("--watch-for=%s is no time to watch for; give one such as 30m", o.Text("watch-for"))
	case o.Given("watch-for") && !o.watches():
		return usagef("--watch-for says how long --watch goes on; add --watch")
	case len(o.List("notify")) > 0 && !o.watches():
		return usagef("--notify tells what changed, so check needs --watch with it")
	}
	return checkNotify(o.List("notify"))
}

// checkNotify refuses what is no webhook.
func checkNotify(typed []string) error {
	if err := notify.Check(typed); err != nil {
		return usagef("--notify: %w", err)
	}
	return nil
}

// watch repeats the check until it is conformant, and returns the last report.
func (p *preparedCheck) watch(ctx context.Context, env environment, o *options, more ...halocheck.Option) (*halocheck.Report, error) {
	lines := &watch.Lines{To: env.out, Title: env.title, Bell: func() { terminal.Escape(env.err, env.getenv, "\a") }}
	if o.Text("format") != "text" {
		lines.To = env.err // standard output is one document
	}
	var whole *probes.Session // of the last whole run: a round's session has answers that were taken over
	check := func(ctx context.Context, round ...halocheck.Option) (*halocheck.Report, error) {
		r, err := p.run(ctx, env, o.Bool("quiet"), slices.Concat(more, round)...)
		if p.session != nil && len(p.session.Only) != 1 { // none where the settings are refused
			whole = p.session
		}
		return r, err
	}
	first, last, err := watch.Run(ctx, check, watch.Options{Every: o.Duration("watch"), For: o.Duration("watch-for"), Tell: lines.Tell})
	if err != nil {
		return nil, err
	}
	p.session = whole
	env.title("")
	// What was told to stop still says what changed.
	notify.SendAll(context.Background(), o.List("notify"), notify.OfWatch(first, last), func(err error) { printMessage(env.err, fmt.Errorf("--notify: %w", err)) })
	return last, nil
}

// title sets the terminal's title; elsewhere it is nothing.
func (env environment) title(text string) {
	terminal.Escape(env.err, env.getenv, "\x1b]0;"+safetext.Line(strings.TrimSpace("halocheck "+text))+"\a")
}
