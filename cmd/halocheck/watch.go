package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/safetext"
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
	for _, t := range typed {
		if _, err := notify.Parse(t); err != nil {
			return usagef("--notify: %w", err)
		}
	}
	return nil
}

// sendNotices tells the webhooks. A notice that could not be sent is a warning.
func (env environment) sendNotices(typed []string, n notify.Notice) {
	for _, t := range typed {
		address, err := notify.Parse(t)
		if err == nil {
			// What was told to stop still says what changed: a bound of its own, well above three tries.
			ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
			err = notify.Send(ctx, address, n)
			cancel()
		}
		if err != nil {
			printMessage(env.err, fmt.Errorf("--notify: %w", err))
		}
	}
}

// watch repeats the check until it is conformant, and returns the last report.
func (p *preparedCheck) watch(ctx context.Context, env environment, o *options, more ...halocheck.Option) (*halocheck.Report, error) {
	lines := &watch.Lines{To: env.out, Title: env.title, Bell: func() { env.escape("\a") }}
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
	env.sendNotices(o.List("notify"), notify.OfWatch(first, last))
	return last, nil
}

// title sets the terminal's title; elsewhere it is nothing.
func (env environment) title(text string) {
	env.escape("\x1b]0;" + safetext.Line(strings.TrimSpace("halocheck "+text)) + "\a")
}

// escape writes an escape sequence of our own to the terminal that standard error is; the writers around the streams let none pass.
func (env environment) escape(sequence string) {
	if _, terminal := terminalWidth(env.err); !terminal || env.getenv("TERM") == "dumb" {
		return
	}
	if safe, ok := env.err.(*safetext.Writer); ok {
		if f, ok := safe.Unwrap().(*os.File); ok {
			_, _ = f.WriteString(sequence)
		}
	}
}
