package jobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
)

// TestFailures: of two workers one is killed, and PostgreSQL ends every connection; all entries are done, none twice, with the
// findings of `halocheck fleet`. It takes minutes: a job is taken over after rescueAfter.
func TestFailures(t *testing.T) {
	if os.Getenv("HALOCHECK_NIGHT") == "" {
		t.Skip("it takes minutes; `make night` runs it")
	}
	database, y := postgres(t), newYard(t, 50, 17)
	s := open(t, database, y)
	run, _, err := Enqueue(t.Context(), s, database)
	if err != nil {
		t.Fatal(err)
	}
	killed := exec.Command(os.Args[0])
	killed.Env, killed.Stderr = append(os.Environ(), workerEnv+"="+database), os.Stderr
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, s, run, y, 1)
	_ = killed.Process.Kill()
	_ = killed.Wait()
	n, started := finished(t, s, run, y), time.Now()
	end := start(t, options(s, database))
	wait(t, s, run, y, n+1)
	db, _ := s.DB()
	if _, err := db.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`); err != nil {
		t.Error(err)
	}
	wait(t, s, run, y, len(y.list))
	took := time.Since(started)
	end()
	y.judge(t, s, run)
	if took > 5*time.Minute {
		t.Errorf("it took %s", took)
	}
	t.Logf("killed after %d of %d; all were done %s later", n, len(y.list), took.Round(time.Second))
	for name, got := range fleetFindings(t, y) {
		_, r, err := s.Report(t.Context(), RunID(run, name))
		if err != nil {
			t.Fatal(err)
		}
		if want := verdicts(fleet.ResultOf(fleet.Instance{}, r)); !slices.Equal(got, want) {
			t.Errorf("%s: the fleet says %v, and the worker %v", name, got, want)
		}
	}
}

// fleetFindings are what the command finds for the same inventory.
func fleetFindings(t *testing.T, y yard) map[string][]string {
	t.Helper()
	folder, found := t.TempDir(), map[string][]string{}
	command, results := filepath.Join(folder, "halocheck"), filepath.Join(folder, "results.jsonl")
	if out, err := exec.Command("go", "build", "-o", command, "../../cmd/halocheck").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command(command, "fleet", y.file, "--results", results, "--quiet").CombinedOutput(); err == nil {
		t.Errorf("the fleet is conformant: %s", out)
	}
	if err := fleet.EachResult(results, y.list, func(r *fleet.Result) { found[r.Name] = verdicts(r) }); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(y.list) {
		t.Errorf("the fleet has %d results", len(found))
	}
	return found
}

func verdicts(r *fleet.Result) (list []string) {
	for _, f := range r.Findings {
		list = append(list, fmt.Sprint(f.ID, f.Host, f.Status, f.Cause))
	}
	return list
}
