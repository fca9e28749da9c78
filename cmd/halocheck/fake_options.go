package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/record"
)

// fakeOptions are the options behind the flags; a scenario is the ground that the other flags add to.
func fakeOptions(ctx context.Context, o fakeFlags) (fakehalo.Options, error) {
	var out fakehalo.Options
	if o.replay != "" {
		if err := o.replayAlone(); err != nil {
			return out, err
		}
		var err error
		if out, err = readReplay(ctx, o.replay); err != nil {
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

// readReplay reads the folder of a recording.
func readReplay(ctx context.Context, dir string) (out fakehalo.Options, err error) {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return out, err
	case !info.IsDir():
		return out, usagef("%s is no folder; a recording is the folder that `halocheck record URL DIR` makes", dir)
	}
	file := filepath.Join(dir, record.ScenarioFile)
	text, err := document.ReadFile(ctx, file, document.Scenario)
	if errors.Is(err, fs.ErrNotExist) {
		return out, usagef("%s holds no %s, so it is no recording; `halocheck record URL DIR` makes one", dir, record.ScenarioFile)
	}
	if err != nil {
		return out, err
	}
	return fakehalo.ReadRecording(file, text)
}

// checkAddr refuses what others than this machine could reach.
func checkAddr(flag, addr, danger string, anywhere bool) error {
	host, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return usagef("--%s %q is not HOST:PORT, such as 127.0.0.1:0", flag, addr)
	}
	ip := net.ParseIP(host)
	if !anywhere && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("--%s %q can be reached by others, and %s; use 127.0.0.1, or add --insecure-listen", flag, addr, danger)
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
