package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/probes"
)

// fromEnv is a number that a bigger run sets.
func fromEnv(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// yard is a few fakes that many instances of an inventory stand for, and what each has to come out as.
type yard struct {
	folder  string
	entries []string // one for each instance
	want    map[string]string
}

// newYard has n instances: healthy, with a wrong secret, with a broken chain, and dead.
func newYard(t *testing.T, n int) *yard {
	t.Helper()
	y := &yard{folder: t.TempDir(), want: map[string]string{}}
	faults, err := fakehalo.Named("missing-intermediate")
	if err != nil {
		t.Fatal(err)
	}
	healthy, broken := fakehalo.Start(), fakehalo.Start(faults...)
	t.Cleanup(healthy.Close)
	t.Cleanup(broken.Close)
	for name, text := range map[string]string{"right.txt": healthy.Credentials.ClientSecret, "wrong.txt": "not-the-secret", "broken.txt": broken.Credentials.ClientSecret} {
		if err := os.WriteFile(filepath.Join(y.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		name := fmt.Sprintf("customer-%03d", i)
		server, secret := healthy, "right.txt"
		switch i % 4 {
		case 0:
			y.want[name] = "conformant"
		case 1:
			secret, y.want[name] = "wrong.txt", "not-conformant login.token"
		case 2:
			server, secret, y.want[name] = broken, "broken.txt", "not-conformant trust.chain"
		case 3:
			y.entries = append(y.entries, fmt.Sprintf("  - {name: %s, url: \"https://127.0.0.1:1\"}\n", name))
			y.want[name] = "not-conformant network.reachable"
			continue
		}
		y.entries = append(y.entries, fmt.Sprintf(
			"  - {name: %s, url: %q, client-id: %s, client-secret: \"file:%s\", tenant: %q, stable: %q, ca-file: %q, team: %q, attest: network.allowlist=read the rules, labels: {kind: \"%d\"}}\n",
			name, server.URL, server.Credentials.ClientID, secret, server.Credentials.Tenant, server.Stable, server.CAFile, server.Teams[0], i%4))
	}
	y.write(t, "fleet.yaml", y.entries)
	return y
}

func (y *yard) write(t *testing.T, name string, entries []string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(y.folder, name), []byte("instances:\n"+strings.Join(entries, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the command as a process of its own.
func (y *yard) start(t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(y.folder, "halocheck")
	if err := os.Symlink(self, command); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c := exec.Command(command, args...)
	c.Dir, c.Stdout, c.Stderr = y.folder, &said, &said
	c.Env = append(os.Environ(), env...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, &said
}

// run runs it to its end and expects a code.
func (y *yard) run(t *testing.T, want int, env []string, args ...string) string {
	t.Helper()
	c, said := y.start(t, env, args...)
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != want {
		t.Fatalf("%v: exit %d, want %d\n%s", args, code, want, said)
	}
	return said.String()
}

// outcomes reads a results file: each instance's outcome with what has to be fixed first. It fails on one that is there
// twice.
func (y *yard) outcomes(t *testing.T, file string) map[string]string {
	t.Helper()
	got := map[string]string{}
	tail, err := fleet.ReadResults(context.Background(), filepath.Join(y.folder, file), true, func(line fleet.ResultLine) error {
		if r := line.Result; r != nil {
			if _, twice := got[r.Name]; twice {
				return fmt.Errorf("%s was judged twice", r.Name)
			}
			got[r.Name] = strings.Join(append([]string{string(r.Outcome)}, r.RootCauses...), " ")
		}
		return nil
	})
	if err != nil || tail.Torn > 0 {
		t.Fatalf("%v, %d bytes are torn", err, tail.Torn)
	}
	return got
}

// TestKilledAndResumed kills a run at random moments and goes on: no instance is lost and none judged twice. HALOCHECK_KILLS
// sets how often; `make kills` takes 50.
func TestKilledAndResumed(t *testing.T) {
	kills := fromEnv("HALOCHECK_KILLS", 5)
	y := newYard(t, max(60, kills*12))
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	killed := 0
	for range kills {
		before := len(y.soFar(t, "r.jsonl"))
		c, said := y.start(t, nil, "fleet", "fleet.yaml", "--results", "r.jsonl", "--resume", "--parallel", "2", "--host-rate", "off", "--quiet")
		// Each run is killed at some moment after a few of its results, so that each gets on and none gets far.
		y.await(t, c, before+random.IntN(8))
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
		_ = c.Process.Kill()
		_ = c.Wait()
		switch {
		case c.ProcessState.ExitCode() == -1:
			killed++
		case c.ProcessState.ExitCode() != probes.ExitNotConformant:
			t.Fatalf("seed %d: exit %d\n%s", seed, c.ProcessState.ExitCode(), said)
		}
	}
	if killed < kills {
		t.Errorf("seed %d: only %d of %d were killed before their end", seed, killed, kills)
	}
	y.run(t, probes.ExitNotConformant, nil, "fleet", "fleet.yaml", "--results", "r.jsonl", "--resume", "--host-rate", "off", "--quiet")
	y.run(t, probes.ExitNotConformant, nil, "fleet", "merge", "r.jsonl", "--results", "all.jsonl")
	for _, file := range []string{"r.jsonl", "all.jsonl"} {
		if diff := cmp.Diff(y.want, y.outcomes(t, file)); diff != "" {
			t.Errorf("seed %d: %s: %s", seed, file, diff)
		}
	}
}

// TestOneWritesAtATime has a second process come to a results file while a first one writes it: it is refused before it asks
// anything, and leaves the file alone. Once the first is killed, nothing is in the way.
func TestOneWritesAtATime(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	var asked atomic.Int64
	go func() {
		var kept []net.Conn // one that nobody has any more is closed
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			kept = append(kept, c)
			asked.Store(int64(len(kept)))
		}
	}()
	y := newYard(t, 4)
	y.write(t, "fleet.yaml", append(y.entries, fmt.Sprintf("  - {name: slow, url: \"https://%s\", timeout: 1h}\n", silent.Addr())))
	first, _ := y.start(t, nil, "fleet", "fleet.yaml", "--results", "r.jsonl", "--quiet")
	y.await(t, first, 4)
	for begin := time.Now(); asked.Load() == 0 && time.Since(begin) < time.Minute; time.Sleep(time.Millisecond) {
	}
	y.write(t, "other.yaml", []string{fmt.Sprintf("  - {name: other, url: \"https://%s\", timeout: 1s}\n", silent.Addr())})
	before, err := os.ReadFile(filepath.Join(y.folder, "r.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	const refused = "halocheck: --results: r.jsonl: another halocheck is writing it; wait until that one is finished, or name another file\n"
	connections := asked.Load()
	for _, args := range [][]string{
		{"fleet", "other.yaml", "--results", "r.jsonl"},
		{"fleet", "other.yaml", "--results", "r.jsonl", "--resume"},
		{"fleet", "merge", "r.jsonl", "--results", "r.jsonl"},
	} {
		if got := y.run(t, probes.ExitUsage, nil, args...); got != refused {
			t.Errorf("%v: %q", args, got)
		}
	}
	if after, err := os.ReadFile(filepath.Join(y.folder, "r.jsonl")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was touched: %v", err)
	}
	if asked.Load() > connections {
		t.Error("the second process asked something")
	}
	y.run(t, probes.ExitIncomplete, nil, "fleet", "merge", "r.jsonl", "--results", "so-far.jsonl", "--fail-on", "none")
	_ = first.Process.Kill()
	_ = first.Wait()
	y.write(t, "fleet.yaml", append(y.entries, "  - {name: slow, url: \"https://127.0.0.1:1\"}\n"))
	y.want["slow"] = "not-conformant network.reachable"
	y.run(t, probes.ExitNotConformant, nil, "fleet", "fleet.yaml", "--results", "r.jsonl", "--resume", "--quiet")
	if diff := cmp.Diff(y.want, y.outcomes(t, "r.jsonl")); diff != "" {
		t.Error(diff)
	}
}

// soFar are the whole results of a file that may be torn, or may not be there yet.
func (y *yard) soFar(t *testing.T, file string) []string {
	t.Helper()
	var got []string
	if _, err := fleet.ReadResults(context.Background(), filepath.Join(y.folder, file), false, func(line fleet.ResultLine) error {
		if line.Result != nil {
			got = append(got, line.Result.Name)
		}
		return nil
	}); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return got
}

// await waits until a run has so many results, or is over. A minute is a guard against hanging.
func (y *yard) await(t *testing.T, c *exec.Cmd, results int) {
	t.Helper()
	for begin := time.Now(); len(y.soFar(t, "r.jsonl")) < results; time.Sleep(2 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			_ = c.Process.Kill()
			t.Fatal("it hangs")
		}
	}
}

// ofOneRun are the parts of a result that differ from run to run.
var ofOneRun = regexp.MustCompile(`"(started|took_ms|ms|version|checksum)":("[^"]*"|[0-9.]+)`)

// TestThreeShardsAreOneFleet runs three shards in three processes at once, one of them named by a Kubernetes Indexed Job,
// and joins them: the same as one run. Without one of them it is named.
func TestThreeShardsAreOneFleet(t *testing.T) {
	y := newYard(t, 24)
	y.run(t, probes.ExitNotConformant, nil, "fleet", "fleet.yaml", "--results", "one.jsonl", "--host-rate", "off", "--quiet")
	var parts []*exec.Cmd
	for n := range 3 {
		args, env := []string{"fleet", "fleet.yaml", "--results", fmt.Sprintf("part%d.jsonl", n+1), "--host-rate", "off", "--quiet"}, []string(nil)
		if n == 1 {
			args, env = append(args, "--shards", "3"), []string{"JOB_COMPLETION_INDEX=1"}
		} else {
			args = append(args, "--shard", fmt.Sprintf("%d/3", n+1))
		}
		c, _ := y.start(t, env, args...)
		parts = append(parts, c)
	}
	for _, c := range parts {
		_ = c.Wait()
	}
	summary := func(args ...string) string {
		said := y.run(t, probes.ExitNotConformant, nil, append([]string{"fleet", "merge", "--format", "json"}, args...)...)
		return ofOneRun.ReplaceAllString(strings.ReplaceAll(said, `": `, `":`), "")
	}
	if diff := cmp.Diff(summary("one.jsonl", "--results", "whole.jsonl"), summary("part3.jsonl", "part1.jsonl", "part2.jsonl", "--results", "joined.jsonl")); diff != "" {
		t.Errorf("the summaries differ: %s", diff)
	}
	texts := map[string]string{}
	for _, file := range []string{"whole.jsonl", "joined.jsonl"} {
		if diff := cmp.Diff(y.want, y.outcomes(t, file)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		text, err := os.ReadFile(filepath.Join(y.folder, file))
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = ofOneRun.ReplaceAllString(string(text), "")
	}
	if texts["whole.jsonl"] == "" || len(texts["whole.jsonl"]) < 24*1000 {
		t.Errorf("there is hardly anything to compare: %d bytes", len(texts["whole.jsonl"]))
	}
	if diff := cmp.Diff(strings.Split(texts["whole.jsonl"], ","), strings.Split(texts["joined.jsonl"], ",")); diff != "" {
		t.Errorf("three shards are not one fleet: %s", diff)
	}
	said := y.run(t, probes.ExitIncomplete, nil, "fleet", "merge", "part1.jsonl", "part3.jsonl")
	if !strings.Contains(said, "halocheck: shard 2/3 is missing: no file has its results\n") {
		t.Errorf("the missing shard is not named:\n%s", said)
	}
}

// TestSlowHostsAreNoBurden puts servers that accept and keep silent before healthy ones: each comes out as it would alone.
// HALOCHECK_SLOW sets how many; then the machine is taken to be free, the silent ones have more time, and the healthy ones
// have to be finished within their own deadline. The order by itself is tested in internal/fleet, where time is not the machine's.
func TestSlowHostsAreNoBurden(t *testing.T) {
	slow, patience := fromEnv("HALOCHECK_SLOW", 50), "2s"
	if slow > 50 {
		patience = "90s"
	}
	y := newYard(t, 8)
	var entries []string
	for i := range slow {
		silent, err := net.Listen("tcp", "127.0.0.1:0") // it accepts, and nobody ever says a word
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = silent.Close() })
		name := fmt.Sprintf("slow-%04d", i)
		entries = append(entries, fmt.Sprintf("  - {name: %s, url: \"https://%s\", timeout: %s}\n", name, silent.Addr(), patience))
		y.want[name] = "silent"
	}
	y.write(t, "fleet.yaml", append(entries, y.entries...))
	y.run(t, probes.ExitNotConformant, nil, "fleet", "fleet.yaml", "--host-rate", "off", "--results", "r.jsonl", "--quiet")
	got := y.outcomes(t, "r.jsonl")
	for name, text := range got {
		if strings.HasPrefix(name, "slow") && text != "conformant" {
			got[name] = "silent" // with so little time it is a matter of moments what of it is told
		}
	}
	if diff := cmp.Diff(y.want, got); diff != "" {
		t.Error(diff)
	}
	if os.Getenv("HALOCHECK_SLOW") == "" {
		return
	}
	var begin, end time.Time
	if _, err := fleet.ReadResults(context.Background(), filepath.Join(y.folder, "r.jsonl"), true, func(line fleet.ResultLine) error {
		if line.Run != nil {
			begin = line.Run.Started
		} else if r := line.Result; strings.HasPrefix(r.Name, "customer") {
			end = r.Started.Add(time.Duration(r.TookMS * float64(time.Millisecond)))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if took := end.Sub(begin); took > instanceTimeout {
		t.Errorf("the healthy ones were finished after %s, which is beyond their own deadline", took)
	}
}
