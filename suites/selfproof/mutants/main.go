// Command mutants breaks one condition, one verdict or one cause of a package after the other and runs the package's own
// tests on each: a mutant that they let live is a verdict that nobody checks. It changes no file: the compiler is given the
// mutants by -overlay, all of them in one test binary, and an environment variable says which one is on. So a mutant costs
// a run of the tests that get there and nothing else: the quick ones first, the slow ones for what the quick ones let live.
//
// Mutated is every function that asks nothing over the wire, which is one without a [context.Context]: what judges, parses
// and reads; -wire adds the others. Unlike gremlins, which goes by the coverage profile, it reaches the conditions and the
// values of a case, and there most verdicts are decided.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"sync"
	"syscall"
)

func main() {
	s := session{out: os.Stdout}
	flag.StringVar(&s.root, "root", ".", "the module's folder")
	flag.IntVar(&s.workers, "workers", 1, "mutants tested side by side")
	flag.BoolVar(&s.wire, "wire", false, "the functions that ask over the wire as well")
	flag.BoolVar(&s.quick, "quick", false, "without the tests that take long, for a first look")
	least := flag.Float64("least", 0, "fail where fewer per cent of a package's are killed")
	in := flag.String("in", "", "only the mutants of places that match, such as scopes.go:37")
	flag.Parse()
	var err error
	if s.places, err = regexp.Compile(*in); err != nil {
		fmt.Fprintln(os.Stderr, "mutants: -in:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	lowest, err := s.all(ctx, flag.Args())
	if stop(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if lowest < *least {
		os.Exit(1)
	}
}

// session is what the user asked for.
type session struct {
	out         io.Writer
	root        string
	workers     int
	wire, quick bool
	places      *regexp.Regexp
}

// all scores packages one after the other, and returns the lowest share of theirs that is killed.
func (s session) all(ctx context.Context, pkgs []string) (lowest float64, err error) {
	dead, all := 0, 0
	lowest = 100
	for _, pkg := range pkgs {
		d, a, err := s.score(ctx, pkg)
		if err != nil {
			return 0, err
		}
		dead, all, lowest = dead+d, all+a, min(lowest, percent(d, a))
	}
	if len(pkgs) > 1 {
		fmt.Fprintf(s.out, "all: %d of %d killed, %.1f %%\n", dead, all, percent(dead, all))
	}
	return lowest, nil
}

// score tests every mutant of a package and prints the survivors as they show.
func (s session) score(ctx context.Context, pkg string) (dead, all int, err error) {
	b, list, err := build(ctx, s.root, pkg, s.wire)
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(b.dir)
	if err := b.record(ctx); err != nil {
		return 0, 0, err
	}
	if s.quick {
		b.tests = slices.DeleteFunc(b.tests, func(t measured) bool { return t.cost >= quick })
	}
	list = slices.DeleteFunc(list, func(m *mutant) bool { return !s.places.MatchString(m.where) })
	var wait sync.WaitGroup
	var mu sync.Mutex
	queue := make(chan *mutant)
	for range s.workers {
		wait.Go(func() {
			for m := range queue {
				became := b.try(ctx, m.number)
				mu.Lock()
				switch {
				case ctx.Err() != nil: // nobody knows
				case became == killed:
					dead++
				default:
					fmt.Fprintf(s.out, "  %s  %s  %s\n", became, m.where, m.what)
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range list {
		if ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	if wait.Wait(); ctx.Err() != nil {
		return 0, 0, context.Cause(ctx)
	}
	fmt.Fprintf(s.out, "%s: %d of %d killed, %.1f %%\n", pkg, dead, len(list), percent(dead, len(list)))
	return dead, len(list), nil
}

// percent is 100 where there is nothing to kill.
func percent(dead, all int) float64 {
	if all == 0 {
		return 100
	}
	return 100 * float64(dead) / float64(all)
}
