package main

import (
	"context"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/document"
)

// fakeOptions are the options behind the flags; a scenario is the ground that the other flags add to.
func fakeOptions(ctx context.Context, o fakeFlags) (fakehalo.Options, error) {
	var out fakehalo.Options
	if o.replay != "" {
		if err := o.replayAlone(); err != nil {
			return out, err
		}
		var err error
		if out, err = fakehalo.OpenRecording(ctx, o.replay); err != nil {
			return out, usagef("--replay: %w", err)
		}
	}
	if o.scenario != "" {
		text, err := document.ReadFile(ctx, o.scenario, document.Scenario)
		if err != nil {
			return out, usagef("--scenario: %w", err)
		}
		if out, err = fakehalo.ReadScenario(o.scenario, text); err != nil {
			return out, usagef("--scenario: %w", err)
		}
	}
	most, window, err := parseRate(o.rate)
	if err != nil {
		return out, err
	}
	faults, err := fakehalo.Named(o.faults...)
	if err != nil {
		return out, usagef("--fault: %w; `halocheck fake --list` names them all", err)
	}
	if len(o.guides) > 0 {
		set, err := guideSetup(ctx, o.guides)
		if err != nil {
			return out, err
		}
		out.Faults = append(out.Faults, set)
	}
	if o.seed != 0 {
		out.Seed.Number = o.seed
	}
	for _, size := range o.sizes {
		name, count, _ := strings.Cut(size, "=")
		n, err := strconv.Atoi(count)
		if err != nil {
			return out, usagef("--size %q is not RESOURCE=N, such as Tickets=1000", size)
		}
		if err := fakehalo.CheckSize(name, n); err != nil {
			return out, usagef("--size: %w", err)
		}
		if out.Seed.Sizes == nil {
			out.Seed.Sizes = map[string]int{}
		}
		out.Seed.Sizes[name] = n
	}
	out.Addr, out.AdminAddr, out.Host, out.PlainHTTP, out.State = o.addr, o.admin, o.host, o.http, o.state
	out.Faults = slices.Concat(out.Faults, faults)
	out.Rate, out.Window, out.Strict, out.WebhooksAnywhere = most, window, o.strict, o.webhooks
	return out, nil
}

// replayAlone refuses what speaks of an instance of its own beside a recorded one.
func (o fakeFlags) replayAlone() error {
	for flag, given := range map[string]bool{"scenario": o.scenario != "", "guide": len(o.guides) > 0, "state": o.state != "", "seed": o.seed != 0, "size": len(o.sizes) > 0} {
		if given {
			return usagef("--replay and --%s exclude each other: a recording answers what it holds, and has no records; leave one of them out", flag)
		}
	}
	return nil
}

// checkHost refuses what can be no host in a URL; empty is none.
func checkHost(host string) error {
	if at, err := url.Parse("https://" + net.JoinHostPort(host, "1")); err != nil || at.Hostname() != host || strings.ContainsAny(host, " /@") {
		return usagef("--host %q is no name or address, such as halo.test", host)
	}
	return nil
}

// parseRate reads N/D, such as 700/5m; off is no limit.
func parseRate(typed string) (most int, window time.Duration, err error) {
	if typed == "off" {
		return 0, 0, nil
	}
	n, d, _ := strings.Cut(typed, "/")
	most, errN := strconv.Atoi(n)
	window, errD := time.ParseDuration(d)
	if errN != nil || errD != nil || most < 1 || window <= 0 {
		return 0, 0, usagef("--rate-limit %q is not N/D, such as 700/5m, or off", typed)
	}
	return most, window, nil
}
