package fleet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

// started is when results of these tests were started.
var started = time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)

// outcome is a result with one Must that has this status and cause.
func outcome(name string, status probes.Status, cause probes.Cause) *Result {
	r := &Result{
		Schema: Schema, Kind: kindResult, Name: name, Labels: map[string]string{"region": "emea"}, Digest: "d-" + name, Started: started,
		Outcome: probes.Conformant, RootCauses: []string{}, Counts: map[probes.Status]int{status: 1}, Certificates: []Certificate{},
		Findings: []Finding{{ID: "login.token", Level: probes.Must, Status: status, Cause: cause, Because: "seen <\u202e>"}},
	}
	switch status {
	case probes.Failed:
		r.Outcome, r.Exit, r.RootCauses = probes.NotConformant, probes.ExitNotConformant, []string{"login.token"}
		r.Findings[0].Remedy = &probes.Remedy{Who: probes.HaloAdmin, Do: "Do it."}
	case probes.Unknown:
		r.Outcome, r.Exit = probes.Incomplete, probes.ExitIncomplete
	}
	return r
}

// write is a finished results file.
func write(t *testing.T, name string, run Run, results ...*Result) {
	t.Helper()
	l, err := CreateResults(name, run)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if err := l.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// names are those of the results in a file, in its order.
func names(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	if _, err := ReadResults(t.Context(), file, true, func(line ResultLine) error {
		if line.Result != nil {
			out = append(out, line.Result.Name)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestALineKeepsAResult(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.jsonl")
	want := outcome("acme", probes.Failed, probes.InvalidClient)
	want.Certificates = []Certificate{{"acme.example", started.Add(time.Hour)}}
	write(t, file, Run{Shard: Unsharded, Names: []string{"acme"}}, want)
	if _, err := ReadResults(t.Context(), file, true, func(line ResultLine) error {
		if line.Result != nil {
			if diff := cmp.Diff(want, line.Result); diff != "" {
				t.Error(diff)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "\u202e") {
		t.Error("a character that a terminal obeys stands in the file as it is")
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestTheChecksum is that of the documented rule, by a literal.
func TestTheChecksum(t *testing.T) {
	line, err := encodeLine(struct {
		A int `json:"a"`
	}{1})
	if err != nil {
		t.Fatal(err)
	}
	// printf '{"a":1}' | sha256sum
	want := `{"a":1,"checksum":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"}` + "\n"
	if string(line) != want {
		t.Errorf("got  %swant %s", line, want)
	}
	for i := range line[:len(line)-1] {
		damaged := append([]byte(nil), line[:len(line)-1]...)
		damaged[i] ^= 1
		if _, err := verifyLine(damaged); err == nil {
			t.Errorf("a changed byte %d is not noticed: %s", i, damaged)
		}
	}
}

// TestResumeAfterACut cuts a file everywhere, at the ends of lines exactly: what was whole stays, and going on gives the whole again.
func TestResumeAfterACut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.jsonl")
	run := Run{Version: "v", Inventory: "i", Shard: Unsharded, Names: []string{"a", "b"}}
	a, b := outcome("a", probes.Passed, ""), outcome("b", probes.Passed, "")
	write(t, file, run, a, b)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(text) + 1 {
		if atEnd := cut == 0 || text[cut-1] == '\n' || cut < len(text) && text[cut] == '\n'; !atEnd && cut%29 > 0 {
			continue
		}
		if err := os.WriteFile(file, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		done := map[string]string{}
		l, tail, err := ResumeResults(t.Context(), file, run, func(name, digest string) { done[name] = digest })
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		whole := strings.Count(string(text[:cut]), "\n")
		if len(done) != max(0, whole-1) || tail.Complete+tail.Torn != int64(cut) {
			t.Fatalf("cut at %d: %d are done, %+v", cut, len(done), tail)
		}
		for _, r := range []*Result{a, b} {
			if done[r.Name] == "" {
				if err := l.Append(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(file); err != nil || (string(again) != string(text)) {
			t.Fatalf("cut at %d: the file is not as it was (%v)", cut, err)
		}
	}
}

func TestAResultsFileThatIsNotOne(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "r.jsonl")
	run := Run{Inventory: "i", Shard: Unsharded, Names: []string{"a"}}
	write(t, file, run, outcome("a", probes.Passed, ""), outcome("b", probes.Passed, ""))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	damaged := lines[0] + strings.Replace(lines[1], "login", "logon", 1) + lines[2]
	other := Run{Inventory: "i", Shard: Shard{2, 3}}
	for _, test := range []struct {
		name, text, want string
		run              Run
	}{
		{"damaged in the middle", damaged, file + ":2: its checksum is wrong, so it is not as it was written", run},
		{"another shard", string(text), file + ": it is of shard 1/1, and this is 2/3", other},
		{"a file of somebody else's", "my only copy", file + ": it is not a results file", run},
		{"no run", lines[1], file + ": it does not start with a run", run},
	} {
		if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := ResumeResults(t.Context(), file, test.run, func(string, string) {})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
		if now, _ := os.ReadFile(file); string(now) != test.text {
			t.Errorf("%s: the file was changed", test.name)
		}
	}
	if _, err := CreateResults(file, run); !errors.Is(err, ErrExists) {
		t.Errorf("a file that is there is written over: %v", err)
	}
	if _, err := CreateResults(folder, run); err == nil || err.Error() != folder+" is a folder; name a file in it" {
		t.Error(err)
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		if _, err := CreateResults("/dev/full", run); err == nil {
			t.Error("a full disk is not noticed before the first request")
		}
	}
}

func TestMerge(t *testing.T) {
	folder := t.TempDir()
	file := func(n int) string { return filepath.Join(folder, fmt.Sprintf("%d.jsonl", n)) }
	shard := func(n int, names ...string) Run {
		return Run{Inventory: "i", Shard: Shard{n, 3}, Names: names, Started: started}
	}
	later := outcome("b", probes.Failed, probes.InvalidClient)
	later.Started = started.Add(time.Minute)
	write(t, file(1), shard(1, "a", "b", "x"), outcome("a", probes.Passed, ""), later, outcome("gone", probes.Passed, ""))
	write(t, file(3), shard(3, "c", "b"), outcome("b", probes.Passed, ""), outcome("c", probes.Unknown, probes.RateLimited), outcome("c", probes.Passed, ""))
	for _, files := range [][]string{{file(1), file(3)}, {file(3), file(1)}} {
		m, err := Merge(t.Context(), files)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Shard{{2, 3}}, m.Missing); diff != "" {
			t.Errorf("missing shards: %s", diff)
		}
		if diff := cmp.Diff([]string{"x"}, m.Unfinished); diff != "" {
			t.Errorf("unfinished: %s", diff)
		}
		if diff := cmp.Diff([]Duplicate{{"b", files}}, m.Duplicates); diff != "" {
			t.Errorf("duplicates: %s", diff)
		}
		joined := filepath.Join(folder, "all.jsonl")
		f, err := os.Create(joined)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.WriteTo(f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		if diff := cmp.Diff([]string{"a", "b", "c"}, names(t, joined)); diff != "" {
			t.Errorf("joined: %s", diff)
		}
		again, err := Merge(t.Context(), []string{joined})
		if err != nil {
			t.Fatal(err)
		}
		var outcomes []probes.Outcome
		if err := again.Each(func(r *Result) error { outcomes = append(outcomes, r.Outcome); return nil }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]probes.Outcome{probes.Conformant, probes.NotConformant, probes.Conformant}, outcomes); diff != "" {
			t.Errorf("the newest does not count: %s", diff)
		}
	}
	write(t, file(4), Run{Inventory: "another", Shard: Shard{2, 3}})
	write(t, file(5), Run{Inventory: "i", Shard: Shard{2, 4}})
	for _, n := range []int{4, 5} {
		if _, err := Merge(t.Context(), []string{file(1), file(n)}); !errors.Is(err, ErrMixed) {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestChanges(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "old.jsonl")
	write(t, old, Run{Shard: Unsharded, Names: []string{"breaks", "heals", "stays", "fades", "dim", "gone", "hides", "covers"}},
		outcome("hides", probes.Failed, probes.InvalidClient), outcome("covers", probes.Passed, ""), outcome("breaks", probes.Passed, ""), outcome("heals", probes.Failed, probes.InvalidClient),
		outcome("stays", probes.Failed, probes.InvalidClient), outcome("fades", probes.Failed, probes.InvalidClient),
		outcome("dim", probes.Unknown, probes.RateLimited), outcome("gone", probes.Failed, probes.InvalidClient))
	o, err := ReadBaseline(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	accepted := outcome("accepted", probes.Failed, probes.InvalidClient)
	accepted.Findings[0].Waived = &probes.Waiver{Reason: "r", Owner: "o"}
	c := NewChanges()
	for _, r := range []*Result{
		outcome("breaks", probes.Failed, probes.NoAgent), outcome("heals", probes.Passed, ""), outcome("stays", probes.Failed, probes.NoAgent),
		outcome("fades", probes.Unknown, probes.RateLimited), outcome("hides", probes.Blocked, ""), outcome("covers", probes.Blocked, ""), outcome("dim", probes.Unknown, probes.Timeout), accepted,
		outcome("added", probes.Failed, probes.NoAgent),
	} {
		c.Add(o, r)
	}
	c.Sort(o, []string{"breaks", "heals", "stays", "fades", "dim", "accepted", "added", "hides", "covers"})
	labels := map[string]string{"region": "emea"}
	want := &Changes{
		New: []Change{
			{Name: "added", Labels: labels, ID: "login.token", Cause: probes.NoAgent},
			{Name: "breaks", Labels: labels, ID: "login.token", Cause: probes.NoAgent},
		},
		Fixed: []Change{{Name: "heals", Labels: labels, ID: "login.token", Was: probes.InvalidClient}},
		Still: []Change{{Name: "stays", Labels: labels, ID: "login.token", Was: probes.InvalidClient, Cause: probes.NoAgent}},
		Unjudged: []Change{
			{Name: "fades", Labels: labels, ID: "login.token", Was: probes.InvalidClient, Cause: probes.RateLimited},
			{Name: "hides", Labels: labels, ID: "login.token", Was: probes.InvalidClient},
		},
		Added: []string{"accepted", "added"}, Gone: []string{"gone"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	for want, keyOf := range map[string]func(Change) []string{"login.token 2": ByRequirement, "no_agent 2": ByCause, "region=emea 2": ByLabel} {
		if got := CountChanges(c.New, keyOf); len(got) != 1 || fmt.Sprintf("%s %d", got[0].Key, got[0].Count) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

// TestChangesOfSeveralGuides: what changed is told once, with the guides for which it did, however their verdicts were joined.
func TestChangesOfSeveralGuides(t *testing.T) {
	by := func(status probes.Status, guides ...string) Finding {
		return Finding{ID: "role.tickets-level", Level: probes.Must, Status: status, Cause: probes.LevelTooLow, AskedBy: guides}
	}
	const pass, fail = probes.Passed, probes.Failed
	for _, c := range []struct {
		name         string
		older, newer []Finding
		want         string
	}{
		{"both break", []Finding{by(pass, "A", "B")}, []Finding{by(fail, "A"), by(fail, "B")}, "new [A B] "},
		{"one breaks", []Finding{by(pass, "A", "B")}, []Finding{by(pass, "A"), by(fail, "B")}, "new [B] "},
		{"one is mended", []Finding{by(fail, "A", "B")}, []Finding{by(pass, "A"), by(fail, "B")}, "fixed [A] still [B] "},
		{"from one guide", []Finding{by(fail)}, []Finding{by(fail, "A"), by(fail, "B")}, "still [A B] "},
		{"to one guide", []Finding{by(fail, "A"), by(pass, "B")}, []Finding{by(fail)}, "still [] "},
	} {
		o := &Baseline{at: map[string]mustStates{"x": mustStatesOf(&Result{Findings: c.older})}}
		changes := NewChanges()
		changes.Add(o, &Result{Name: "x", Findings: c.newer})
		got := ""
		for _, list := range []struct {
			name string
			all  []Change
		}{{"new", changes.New}, {"fixed", changes.Fixed}, {"still", changes.Still}, {"unjudged", changes.Unjudged}} {
			for _, x := range list.all {
				got += fmt.Sprint(list.name, " ", x.Guides, " ")
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheWorstDecides(t *testing.T) {
	broke := outcome("x", probes.Unknown, "")
	broke.Exit = probes.ExitBroken
	pass, fail, unknown := outcome("p", probes.Passed, ""), outcome("f", probes.Failed, probes.NoAgent), outcome("u", probes.Unknown, probes.Timeout)
	for _, test := range []struct {
		results []*Result
		of      int
		want    int
	}{
		{[]*Result{pass}, 1, 0}, {[]*Result{pass}, 2, 3}, {[]*Result{pass, unknown}, 2, 3}, {[]*Result{pass, unknown, fail}, 3, 1},
		{[]*Result{fail, broke}, 2, 1}, {[]*Result{unknown, broke}, 2, 4}, {nil, 0, 0},
	} {
		tally := NewCounts(test.of)
		for _, r := range test.results {
			tally.Add(r)
		}
		if got := tally.Total(); got != test.want {
			t.Errorf("%d results of %d: exit %d, want %d", len(test.results), test.of, got, test.want)
		}
	}
}

// What nobody could judge is told beside the roots: each once for an instance, and neither a root nor what waits for one.
func TestUnjudgedIsTold(t *testing.T) {
	r := &Result{Name: "a", Outcome: probes.Incomplete, RootCauses: []string{"network.reachable"}, Findings: []Finding{
		{ID: "network.reachable", Level: probes.Must, Status: probes.Unknown, Cause: probes.Timeout},
		{ID: "network.allowlist", Level: probes.Must, Status: probes.Unknown, Cause: probes.NoVantage, Host: "a"},
		{ID: "network.allowlist", Level: probes.Must, Status: probes.Unknown, Cause: probes.NoVantage, Host: "b"},
		{ID: "trust.chain", Level: probes.Must, Status: probes.Blocked, BlockedBy: "network.reachable"},
		{ID: "trust.renewal", Level: probes.Should, Status: probes.Unknown, Cause: probes.Timeout},
		{ID: "product.version", Level: probes.Must, Status: probes.Broken},
		{ID: "login.token", Level: probes.Must, Status: probes.Failed, Cause: probes.InvalidClient},
	}}
	if diff := cmp.Diff([]CauseCount{{"network.allowlist", probes.NoVantage, 1}, {"product.version", "", 1}}, r.Unjudged()); diff != "" {
		t.Error(diff)
	}
	tally := NewCounts(2)
	tally.Add(r)
	tally.Add(&Result{Name: "b", Findings: r.Findings[1:2]})
	tally.Total()
	if diff := cmp.Diff([]CauseCount{{"network.allowlist", probes.NoVantage, 2}, {"product.version", "", 1}}, tally.Unjudged); diff != "" {
		t.Error(diff)
	}
}
