package selfproof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/halocheck/halocheck/fakehalo/hostile"
	reports "github.com/halocheck/halocheck/internal/report"
)

// Bounds: nothing outlives its deadline by more than a second, nor takes more than this memory.
const (
	hostileGrace  = time.Second
	hostileMemory = 64 << 20 // bytes, of the whole process

	// A cell that never says a word ends by its deadline: most of it is waiting, so many run side by side. Any other ends
	// by itself: whoever still reads when its deadline comes has another verdict than the table's.
	waitingDeadline   = 3 * time.Second
	waitingTogether   = 6
	answeringDeadline = 12 * time.Second
	answeringTogether = 2
)

// waits are the misbehaviours that nothing but a deadline ends.
var waits = []string{
	"silence", "drip-body", "drip-headers", "drip-record", "half-a-record", "ping-flood", "rst-stream", "settings-flood",
}

// longest is the spec that takes longest: it begins first, so that the other processes do not wait for it at the end.
const longest = SpecPriority(1)

// hostileCell is one run of the command against one hostile server, and what came of it.
type hostileCell struct {
	stage, how string
	start      func() (*hostile.Server, error)

	verdict string // of the first root cause: "login.token unknown timeout"
	spent   spent
	again   int      // how often it was run again, alone, since it missed a bound beside others
	wrong   []string // never forgiven
	missed  []string // what a busy machine may be the cause of, in the last run
}

// deadline is the --timeout that the cell is run with.
func (cell *hostileCell) deadline() time.Duration {
	if slices.Contains(waits, cell.how) {
		return waitingDeadline
	}
	return answeringDeadline
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

var _ = Describe("hostile servers", Label("hostile"), longest, func() {
	It("get an honest verdict, in time and within 64 MiB, and nothing of theirs is obeyed", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary := built(ctx)
		cells := hostileCells()
		Expect(len(cells)).To(BeNumerically(">=", 80))
		Expect(runCells(ctx, binary, cells)).To(Succeed())
		var table strings.Builder
		var wrong []string
		for _, cell := range cells {
			row := cell.stage + "/" + cell.how
			fmt.Fprintf(&table, "%-28s %-52s %5d ms %5.1f MiB", row, cell.verdict, cell.spent.took.Milliseconds(), float64(cell.spent.peak)/(1<<20))
			if cell.again > 0 {
				fmt.Fprintf(&table, "  run again alone, %d times", cell.again)
			}
			table.WriteString("\n")
			for _, what := range slices.Concat(cell.wrong, cell.missed) {
				wrong = append(wrong, row+": "+what)
			}
		}
		AddReportEntry("stage and misbehaviour, verdict, time, peak memory", table.String())
		if file := os.Getenv("HALOCHECK_HOSTILE_TABLE"); file != "" {
			Expect(os.WriteFile(file, []byte(table.String()), 0o600)).To(Succeed())
		}
		Expect(wrong).To(BeEmpty(), strings.Join(wrong, "\n"))
	}, NodeTimeout(15*time.Minute))
})

// runCells runs all cells side by side. A cell that misses a bound is suspect: beside others, and on a busy machine, it may
// have had no processor. It is run again when nothing else of this suite runs, and only one that misses alone twice, after
// it missed beside others, has missed. What no load explains is never forgiven.
func runCells(ctx context.Context, binary string, cells []*hostileCell) error {
	var all, waiting, answering errgroup.Group
	waiting.SetLimit(waitingTogether)
	answering.SetLimit(answeringTogether)
	for limit, group := range map[time.Duration]*errgroup.Group{waitingDeadline: &waiting, answeringDeadline: &answering} {
		all.Go(func() error {
			for _, cell := range cells {
				if cell.deadline() == limit {
					group.Go(func() error { return cell.run(ctx, binary) })
				}
			}
			return group.Wait()
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for _, cell := range cells {
		for len(cell.missed) > 0 && cell.again < 2 {
			cell.again++
			if err := cell.run(ctx, binary); err != nil {
				return err
			}
		}
	}
	return nil
}

// built is the real command, built once a run.
func built(ctx context.Context) string {
	GinkgoHelper()
	binary := filepath.Join(GinkgoT().TempDir(), "halocheck")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../../cmd/halocheck").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	return binary
}

// run checks one hostile server with the command.
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
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // a hang guard
	defer cancel()
	command := exec.CommandContext(ctx, binary, "check", server.URL, "--auth-url", server.AuthURL, "--tenant", given.Tenant,
		"--client-id", given.ClientID, "--client-secret-file", "-", "--ca-file", server.CAFile, "--stable", server.Fake.Stable,
		"--attest", "network.allowlist=not asked here", "--timeout", cell.deadline().String(), "--verbose", "--out", "json="+saved)
	command.Stdin = strings.NewReader(given.ClientSecret)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if cell.spent, err = measured(command); err != nil {
		return err
	}
	cell.missed = nil
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
	complain := func(list *[]string, format string, args ...any) { *list = append(*list, fmt.Sprintf(format, args...)) }
	var r reports.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		complain(&cell.wrong, "the report is no JSON: %v", err)
		return
	}
	cell.verdict = string(r.Outcome)
	first := true // of those that are not judged, where no root cause is named
	for _, f := range r.Findings {
		if f.Status == "broken" {
			complain(&cell.wrong, "%s is broken: %s", f.ID, f.Because)
		}
		deviates := f.Level == "must" && f.Status != "pass" && f.Status != "not-applicable"
		if deviates && (len(r.RootCauses) > 0 && f.ID == r.RootCauses[0] || len(r.RootCauses) == 0 && first) {
			first = false
			cell.verdict = strings.TrimSpace(fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause))
		}
	}
	if want := hostileVerdict(cell.stage, cell.how); want != cell.verdict {
		list := &cell.wrong
		if strings.HasSuffix(cell.verdict, " timeout") || strings.HasSuffix(cell.verdict, " not_observed") {
			list = &cell.missed // no time was left for more
		}
		complain(list, "%q, want %q", cell.verdict, want)
	}
	if late := cell.spent.took - cell.spent.starved; late > cell.deadline()+hostileGrace {
		complain(&cell.missed, "it took %v, of which it had no processor for %v", cell.spent.took, cell.spent.starved)
	}
	if cell.spent.peak > hostileMemory {
		complain(&cell.missed, "it took %d MiB", cell.spent.peak>>20)
	}
	if strings.Contains(said+string(raw), canary) {
		complain(&cell.wrong, "the secret is told")
	}
	if at := strings.IndexAny(said, "\x1b\x07\r\u202e\u2066\u200b\ufffd"); at >= 0 {
		complain(&cell.wrong, "a terminal would obey: %q", said[max(0, at-40):min(len(said), at+40)])
	}
}
