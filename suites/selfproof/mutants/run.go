package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What becomes of a mutant. One on which the tests hang until their time is over is killed.
const (
	killed    = "killed"
	lived     = "lived"
	unreached = "lived, since no test gets there"
)

// quick is the processor time under which tests run together; the others run one at a time, the cheaper first.
const quick = 500 * time.Millisecond

// bench is a package's test binary with all mutants in it.
type bench struct {
	dir, binary, home string // what is built, and where its tests run
	tests             []measured
}

// measured is a test by itself, without any mutant.
type measured struct {
	name    string
	took    time.Duration // on the clock
	cost    time.Duration // of the processor, which other work on the machine does not change
	reaches map[int]bool
}

// build compiles the tests of a package with every mutant, all of them off.
func build(ctx context.Context, root, pkg string, wire bool) (*bench, []*mutant, error) {
	home, err := filepath.Abs(filepath.Join(root, pkg))
	if err != nil {
		return nil, nil, err
	}
	words, err := vocabulary(filepath.Join(root, "probes"))
	if err != nil {
		return nil, nil, err
	}
	files, list, err := mutate(home, words, wire)
	if err != nil {
		return nil, nil, err
	}
	b := &bench{home: home}
	if b.dir, err = os.MkdirTemp("", "mutants"); err != nil {
		return nil, nil, err
	}
	b.binary = filepath.Join(b.dir, "tests")
	if err := b.compile(ctx, root, pkg, files); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(b.dir))
	}
	return b, list, nil
}

// compile makes the test binary of a package out of those files in place of its own.
func (b *bench) compile(ctx context.Context, root, pkg string, files map[string][]byte) error {
	replace := map[string]string{}
	for name, source := range files {
		replace[filepath.Join(b.home, name)] = filepath.Join(b.dir, name)
		if err := os.WriteFile(filepath.Join(b.dir, name), source, 0o600); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	overlay := filepath.Join(b.dir, "overlay.json")
	if err := os.WriteFile(overlay, raw, 0o600); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay="+overlay, "-o", b.binary, pkg)
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not build: %w: %s", pkg, err, out)
	}
	return nil
}

// record runs every test by itself without a mutant, and notes its time and the mutants that it gets to.
func (b *bench) record(ctx context.Context) error {
	out, _, err := b.run(ctx, time.Minute, 0, "", "-test.list=.")
	if err != nil {
		return fmt.Errorf("%s: %w: %s", b.home, err, out)
	}
	seen := filepath.Join(b.dir, "seen")
	for name := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Fuzz") && !strings.HasPrefix(name, "Example") {
			continue
		}
		if err := os.WriteFile(seen, nil, 0o600); err != nil {
			return err
		}
		start := time.Now()
		out, cost, err := b.run(ctx, 5*time.Minute, -1, seen, "-test.run="+only(name))
		if err != nil {
			return fmt.Errorf("%s is red without any mutant: %s", name, out)
		}
		m := measured{name: name, took: time.Since(start), cost: cost, reaches: map[int]bool{}}
		raw, err := os.ReadFile(seen)
		if err != nil {
			return err
		}
		for number := range strings.FieldsSeq(string(raw)) {
			n, err := strconv.Atoi(number)
			if err != nil {
				return err
			}
			m.reaches[n] = true
		}
		b.tests = append(b.tests, m)
	}
	slices.SortStableFunc(b.tests, func(a, b measured) int { return int(a.cost - b.cost) })
	return nil
}

// try is what the tests that get to a mutant say of it.
func (b *bench) try(ctx context.Context, number int) string {
	var together []string
	var alone []measured
	var took time.Duration
	for _, t := range b.tests {
		switch {
		case !t.reaches[number]:
		case t.cost < quick:
			together, took = append(together, t.name), took+t.took
		default:
			alone = append(alone, t)
		}
	}
	if len(together) > 0 {
		alone = slices.Insert(alone, 0, measured{name: strings.Join(together, "|"), took: took})
	}
	for _, t := range alone {
		if _, _, err := b.run(ctx, 20*time.Second+10*t.took, number, "", "-test.failfast", "-test.run="+only(t.name)); err != nil {
			return killed
		}
	}
	if len(alone) == 0 {
		return unreached
	}
	return lived
}

// only is the pattern of tests by their whole names.
func only(names string) string {
	return "^(" + regexp.MustCompile(`[^\w|]`).ReplaceAllString(names, ".") + ")$"
}

// run runs the binary with one mutant on; none for 0. With -1 it writes the mutants that it gets to into a file. A mutant
// that eats memory ends at 4 GiB of it.
func (b *bench) run(ctx context.Context, most time.Duration, number int, seen string, args ...string) (out []byte, cost time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", append([]string{"-c", `ulimit -v 4194304; exec "$0" "$@"`, b.binary}, args...)...)
	command.Dir, command.WaitDelay = b.home, time.Second
	command.Env = append(os.Environ(), fmt.Sprintf("MUTANT=%d", number), "MUTANTS_SEEN="+seen, "RAPID_NOFAILFILE=1")
	out, err = command.CombinedOutput()
	if ctx.Err() != nil {
		err = errors.New("the tests hang")
	}
	if s := command.ProcessState; s != nil {
		cost = s.UserTime() + s.SystemTime()
	}
	return out, cost, err
}
