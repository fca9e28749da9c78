package jobs

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
)

// yard is an inventory on real servers, and what each entry's outcome and first cause are.
type yard struct {
	file string
	list []fleet.Instance
	want map[string]string
}

// newYard has n entries on some hosts: healthy ones, one with a broken chain, one that is dead; some have a wrong secret.
func newYard(t *testing.T, n, hosts int) yard {
	t.Helper()
	folder := t.TempDir()
	faults, err := fakehalo.Named("missing-intermediate")
	if err != nil {
		t.Fatal(err)
	}
	var servers []*fakehalo.Server
	broken, dead := hosts-2, hosts-1
	for k := range dead {
		s := fakehalo.Start(faults[:len(faults)*(k/broken)]...)
		t.Cleanup(s.Close)
		servers = append(servers, s)
		write(t, filepath.Join(folder, fmt.Sprintf("secret%d", k)), s.Credentials.ClientSecret)
	}
	write(t, filepath.Join(folder, "wrong"), "not-the-secret")
	y, text := yard{file: filepath.Join(folder, "fleet.yaml"), want: map[string]string{}}, "instances:\n"
	for i := range n {
		name, k := fmt.Sprintf("Customer-%03d", i), i%hosts
		if k == dead {
			text += fmt.Sprintf("  - {name: %s, url: \"https://127.0.0.1:1\"}\n", name)
			y.want[name] = "not-conformant network.reachable"
			continue
		}
		s, secret := servers[k], fmt.Sprintf("secret%d", k)
		y.want[name] = "conformant "
		if k == broken {
			y.want[name] = "not-conformant trust.chain"
		} else if i%10 == 3 {
			secret, y.want[name] = "wrong", "not-conformant login.token"
		}
		text += fmt.Sprintf("  - {name: %s, url: %q, client-id: %s, client-secret: \"file:%s\", tenant: %q, stable: %q, ca-file: %q, team: %q, attest: 'network.allowlist=read the rules: all', labels: {kind: \"%d\"}}\n",
			name, s.URL, s.Credentials.ClientID, secret, s.Credentials.Tenant, s.Stable, s.CAFile, s.Teams[0], k)
	}
	write(t, y.file, text)
	inventory, err := fleet.Load(t.Context(), settings.All, y.file)
	if err != nil {
		t.Fatal(err)
	}
	y.list = inventory.Instances
	return y
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// postgres is the URL of a database of PostgreSQL that runs until the test's end.
func postgres(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("pg_virtualenv"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no PostgreSQL on this machine")
		}
		t.Skip("there is no PostgreSQL on this machine (Debian's packages are postgresql and postgresql-common)")
	}
	c := exec.Command("pg_virtualenv", "-t", "sh", "-c", `echo "postgres://$PGUSER:$PGPASSWORD@127.0.0.1:$PGPORT/postgres"; cat`)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url := lines.Text(); strings.HasPrefix(url, "postgres://") {
			return url
		}
	}
	t.Fatal("PostgreSQL did not start")
	return ""
}

// open opens a database with the yard's inventory in it.
func open(t *testing.T, database string, y yard) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
		err = s.ReplaceInventory(t.Context(), y.list)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts a worker; what it returns ends it in order.
func start(t *testing.T, o Options) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Work(ctx, o) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// finished is how many of the yard have a result in a run.
func finished(t *testing.T, s *store.Store, run string, y yard) (n int) {
	t.Helper()
	for _, i := range y.list {
		done, err := s.HasRun(t.Context(), RunID(run, i.Name))
		if err == nil && done {
			n++
		}
	}
	return n
}

// wait waits until so many have one.
func wait(t *testing.T, s *store.Store, run string, y yard, n int) {
	t.Helper()
	for end := time.Now().Add(8 * time.Minute); finished(t, s, run, y) < n; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d have a result", finished(t, s, run, y), n)
		}
	}
}

// judge holds every result to what the yard says, and their number to that of its entries.
func (y yard) judge(t *testing.T, s *store.Store, run string) {
	t.Helper()
	for _, i := range y.list {
		_, r, err := s.Report(t.Context(), RunID(run, i.Name))
		if err != nil {
			t.Errorf("%s: %v", i.Name, err)
			continue
		}
		if got := string(r.Outcome) + " " + strings.Join(r.RootCauses, " "); got != y.want[i.Name] {
			t.Errorf("%s: %s, not %s", i.Name, got, y.want[i.Name])
		}
	}
	db, _ := s.DB()
	kept := 0
	if err := db.QueryRow(`SELECT count(*) FROM runs WHERE id LIKE $1`, run+"-%").Scan(&kept); err != nil || kept != len(y.list) {
		t.Errorf("%d results of %d entries: %v", kept, len(y.list), err)
	}
}

// TestJobs: two workers check everything once, though one of them ends in the middle.
func TestJobs(t *testing.T) {
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			database := filepath.Join(t.TempDir(), "team.db")
			if kind == "PostgreSQL" {
				database = postgres(t)
			}
			y := newYard(t, 21, 7)
			s := open(t, database, y)
			run, n, err := Enqueue(t.Context(), s, database)
			if err != nil || n != 7 {
				t.Fatalf("%d jobs: %v", n, err)
			}
			first, second := start(t, options(s, database)), start(t, options(s, database))
			wait(t, s, run, y, 1)
			first()
			wait(t, s, run, y, len(y.list))
			second()
			y.judge(t, s, run)
		})
	}
}

// TestNight: a night is checked once, however often it is looked whether it has begun, and what has a result is not asked again.
func TestNight(t *testing.T) {
	t.Parallel()
	database, y := filepath.Join(t.TempDir(), "team.db"), newYard(t, 7, 7)
	s := open(t, database, y)
	o := options(s, database)
	o.Night, o.Now = 2*time.Hour, func() time.Time { return time.Date(2026, 11, 29, 1, 59, 0, 0, time.UTC) }
	end := start(t, o)
	wait(t, s, "2026-11-28", y, len(y.list))
	end()
	y.judge(t, s, "2026-11-28")
	if err := os.RemoveAll(filepath.Dir(y.file)); err != nil { // an entry that is checked again lacks its secret
		t.Fatal(err)
	}
	o.Tell = func(err error) { t.Error("it was checked again:", err) }
	w := &worker{Options: o, ending: t.Context(), limits: fleet.NewLimits(o.HostRate)}
	if err := w.Work(t.Context(), &river.Job[CheckArgs]{JobRow: &rivertype.JobRow{ID: 99}, Args: CheckArgs{fleet.Host(y.list[0]), "2026-11-28"}}); err != nil {
		t.Error(err)
	}
	db, _ := s.DB()
	if _, err := insertAgain(t, s, database, "2026-11-28"); err != nil {
		t.Error(err)
	}
	jobs := 0
	if err := db.QueryRow(`SELECT count(*) FROM river_job WHERE kind = 'check'`).Scan(&jobs); err != nil || jobs != 7 {
		t.Errorf("%d jobs: %v", jobs, err)
	}
}

// insertAgain looks once more whether the night has its jobs.
func insertAgain(t *testing.T, s *store.Store, database, run string) (n int, err error) {
	t.Helper()
	err = onDriver(t.Context(), s, database, func(c client) error {
		n, err = insert(t.Context(), s, c, run, nightly)
		return err
	})
	return n, err
}

// TestRateIsHeldFromJobToJob: a host whose last job used its rate up is not asked at once by the next, whoever works on it.
func TestRateIsHeldFromJobToJob(t *testing.T) {
	t.Parallel()
	database, y := filepath.Join(t.TempDir(), "team.db"), newYard(t, 1, 7)
	s := open(t, database, y)
	o := options(s, database)
	host, started := fleet.Host(y.list[0]), time.Now().Truncate(time.Millisecond)
	w := &worker{Options: o, limits: fleet.NewLimits(o.HostRate)}
	w.Now = func() time.Time { return started }
	if held, err := w.takeHost(t.Context(), host, "1"); err != nil || !held {
		t.Fatal(held, err)
	}
	if held, err := w.takeHost(t.Context(), host, "2"); err != nil || held {
		t.Error("two jobs ask one host", err)
	}
	if err := s.LeaveHost(t.Context(), host, "1", started.Add(5*time.Minute-50*time.Second)); err != nil {
		t.Fatal(err)
	}
	if held, err := w.takeHost(t.Context(), host, "2"); err != nil || !held {
		t.Fatal(held, err)
	}
	if full, held, err := s.HoldHost(t.Context(), host, "3", started.Add(w.rescue+time.Second), w.rescue, 0); err != nil || !held || full.Sub(started) != 5*time.Minute {
		t.Errorf("after a job that said nothing, the host is full %s later: %t, %v", full.Sub(started), held, err)
	}
	if _, err := w.limits.Admit(t.Context(), y.list[0]); err != nil || time.Since(started) < time.Second {
		t.Errorf("it was admitted after %s: %v", time.Since(started), err)
	}
}

// TestWhatIsRefused says so with the entry's place.
func TestWhatIsRefused(t *testing.T) {
	for entry, want := range map[string]string{
		"{name: a, fake: healthy}":                                      "a: fake: a fake is checked",
		"{name: a, url: \"https://a.halopsa.com\", timeout: 10m}":       "a: timeout: a worker gives a check 1m30s at most",
		"{name: a, url: \"https://a.halopsa.com\", timeout: 90s}":       "",
		"{name: a, url: \"https://a.halopsa.com\", hosting: somewhere}": "hosting",
	} {
		inventory, err := fleet.Parse(t.Context(), settings.All, "x.yaml", []byte("instances:\n  - "+entry+"\n"))
		if err == nil {
			err = Validate(inventory.Instances[0], settings.All)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", entry, err)
		}
	}
}
