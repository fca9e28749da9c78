package suites_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/halocheck/halocheck/fakehalo/hostile"
	reports "github.com/halocheck/halocheck/probes/report"
)

// Bounds of issue and contract §2: nothing outlives the deadline by more than a second, nor takes more than this memory.
const (
	hostileDeadline = 3 * time.Second
	hostileGrace    = time.Second
	hostileMemory   = 64 << 20 // bytes, of the whole process
	sideBySide      = 4        // most of a cell is waiting
)

// hostileCell is one run of the command against one hostile server, and what came of it.
type hostileCell struct {
	stage, how string
	start      func() (*hostile.Server, error)

	verdict string // of the first root cause: "login.token unknown timeout"
	took    time.Duration
	peak    int // bytes; 0 where the system does not tell
	wrong   []string
}

// hostileStages are the requests that are answered with hostility, by what they are called in the table.
var hostileStages = []struct {
	name string
	at   hostile.Stage
}{{"authinfo", "/api/authinfo"}, {"token", hostile.Token}, {"agent", "/api/Agent/me"}, {"version", "/api/InstanceInfo"}, {"tickets", "/api/Tickets"}}

// hostileCells are all of them, in the order of the table.
func hostileCells() []*hostileCell {
	var cells []*hostileCell
	add := func(stage, how string, start func() (*hostile.Server, error)) {
		cells = append(cells, &hostileCell{stage: stage, how: how, start: start})
	}
	for how, raw := range hostile.TCP {
		add("TCP", how, func() (*hostile.Server, error) { return hostile.Start(hostile.None, nil, raw, nil) })
	}
	for how, raw := range hostile.TLS {
		add("TLS", how, func() (*hostile.Server, error) { return hostile.Start(hostile.None, nil, raw, nil) })
	}
	for how, secured := range hostile.HTTP2 {
		add("HTTP/2", how, func() (*hostile.Server, error) { return hostile.Start(hostile.None, nil, nil, secured) })
	}
	for _, stage := range hostileStages {
		for how, answer := range hostile.Answers {
			add(stage.name, how, func() (*hostile.Server, error) { return hostile.Start(stage.at, answer, nil, nil) })
		}
		for how, spoil := range hostile.Bodies {
			add(stage.name, "body "+how, func() (*hostile.Server, error) {
				return hostile.Start(stage.at, hostile.WithBody(spoil), nil, nil)
			})
		}
	}
	slices.SortStableFunc(cells, func(a, b *hostileCell) int { return strings.Compare(a.stage+a.how, b.stage+b.how) })
	return cells
}

var _ = Describe("hostile servers", Label("hostile"), func() {
	It("get an honest verdict, in time and within 64 MiB, and nothing of theirs is obeyed", func(ctx SpecContext) {
		binary := built(ctx)
		cells := hostileCells()
		Expect(len(cells)).To(BeNumerically(">=", 80))
		var group errgroup.Group
		group.SetLimit(sideBySide)
		for _, cell := range cells {
			group.Go(func() error { return cell.run(ctx, binary) })
		}
		Expect(group.Wait()).To(Succeed())
		var table strings.Builder
		var wrong []string
		for _, cell := range cells {
			row := cell.stage + "/" + cell.how
			fmt.Fprintf(&table, "%-28s %-52s %5d ms %5.1f MiB\n", row, cell.verdict, cell.took.Milliseconds(), float64(cell.peak)/(1<<20))
			for _, what := range cell.wrong {
				wrong = append(wrong, row+": "+what)
			}
			if want := hostileVerdict(cell.stage, cell.how); want != cell.verdict {
				wrong = append(wrong, fmt.Sprintf("%s: %q, want %q", row, cell.verdict, want))
			}
		}
		AddReportEntry("stage and misbehaviour, verdict, time, peak memory", table.String())
		if file := os.Getenv("HALOCHECK_HOSTILE_TABLE"); file != "" {
			Expect(os.WriteFile(file, []byte(table.String()), 0o600)).To(Succeed())
		}
		Expect(wrong).To(BeEmpty(), strings.Join(wrong, "\n"))
	}, NodeTimeout(15*time.Minute))
})

// built is the real command, built once a run.
func built(ctx context.Context) string {
	GinkgoHelper()
	binary := filepath.Join(GinkgoT().TempDir(), "halocheck")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../cmd/halocheck").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	return binary
}

// run checks one hostile server with the command. The memory is the peak of the whole process, as the kernel counts it:
// its own, since a child's resource usage would inherit the peak of the test that started it.
func (cell *hostileCell) run(ctx context.Context, binary string) error {
	server, err := cell.start()
	if err != nil {
		return err
	}
	defer server.Close()
	given := server.Fake.Credentials
	dir, err := os.MkdirTemp("", "hostile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	saved := filepath.Join(dir, "report.json")
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // a hang guard
	defer cancel()
	command := exec.CommandContext(ctx, binary, "check", server.URL, "--auth-url", server.AuthURL, "--tenant", given.Tenant,
		"--client-id", given.ClientID, "--client-secret-file", "-", "--ca-file", server.CAFile, "--stable", server.Fake.Stable,
		"--attest", "network.allowlist=not asked here", "--timeout", hostileDeadline.String(), "--verbose", "--out", "json="+saved)
	command.Stdin = strings.NewReader(given.ClientSecret)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	start := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	watch := watchPeak(command.Process.Pid)
	_ = command.Wait() // the exit code is the verdict's
	cell.took, cell.peak = time.Since(start), watch()
	raw, err := os.ReadFile(saved)
	if err != nil {
		cell.wrong = append(cell.wrong, "no report: "+said.String())
		return nil
	}
	cell.judge(raw, said.String(), given.ClientSecret)
	return nil
}

// judge reads the verdict, and everything that must not be.
func (cell *hostileCell) judge(raw []byte, said, canary string) {
	complain := func(format string, args ...any) { cell.wrong = append(cell.wrong, fmt.Sprintf(format, args...)) }
	var r reports.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		complain("the report is no JSON: %v", err)
		return
	}
	cell.verdict = string(r.Outcome)
	first := true // of those that are not judged, where no root cause is named
	for _, f := range r.Findings {
		if f.Status == "broken" {
			complain("%s is broken: %s", f.ID, f.Because)
		}
		deviates := f.Level == "must" && f.Status != "pass" && f.Status != "not-applicable"
		if deviates && (len(r.RootCauses) > 0 && f.ID == r.RootCauses[0] || len(r.RootCauses) == 0 && first) {
			first = false
			cell.verdict = strings.TrimSpace(fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause))
		}
	}
	if cell.took > hostileDeadline+hostileGrace {
		complain("it took %v", cell.took)
	}
	if cell.peak > hostileMemory {
		complain("it took %d MiB", cell.peak>>20)
	}
	if strings.Contains(said+string(raw), canary) {
		complain("the secret is told")
	}
	if at := strings.IndexAny(said, "\x1b\x07\r\u202e\u2066\u200b\ufffd"); at >= 0 {
		complain("a terminal would obey: %q", said[max(0, at-40):min(len(said), at+40)])
	}
}

// watchPeak follows a process's peak of resident memory until the returned function is called; 0 where no /proc tells.
func watchPeak(pid int) (stop func() (bytes int)) {
	if runtime.GOOS != "linux" {
		return func() int { return 0 }
	}
	var wait sync.WaitGroup
	done, peak := make(chan struct{}), 0
	wait.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone once the process is
			if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
				var kib int
				if _, err := fmt.Sscan(rest, &kib); err == nil {
					peak = max(peak, kib<<10)
				}
			}
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() int { close(done); wait.Wait(); return peak }
}
