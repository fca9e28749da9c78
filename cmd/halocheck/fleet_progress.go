package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// fleetProgress says on standard error what goes on: a line for each finished instance and, on a terminal, a bar below them.
type fleetProgress struct {
	mu      sync.Mutex
	w       io.Writer
	width   int // columns of the terminal; zero: there is none
	quiet   bool
	total   int
	counts  map[probes.Outcome]int
	done    int
	started time.Time
	drawn   time.Time
}

func newFleetProgress(env environment, total int, quiet bool) *fleetProgress {
	t := &fleetProgress{w: env.err, total: total, quiet: quiet, counts: map[probes.Outcome]int{}, started: time.Now()}
	if width, terminal := terminalWidth(env.err); terminal && env.getenv("TERM") != "dumb" {
		t.width = max(width, 20)
		allowColour(env.err)
	}
	return t
}

// finished tells of one result.
func (t *fleetProgress) finished(r *fleet.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	t.counts[r.Outcome]++
	if !t.quiet {
		t.line("%s %s %s%s %.1fs", time.Now().UTC().Format(time.RFC3339), safetext.Line(r.Name), r.Outcome, firstRoot(r), r.TookMS/1000)
	}
	t.bar(false)
}

// firstRoot is what has to be fixed first, else what could not be judged.
func firstRoot(r *fleet.Result) string {
	var ids []string
	if ids = r.RootCauses; len(ids) == 0 {
		for _, c := range r.Unjudged() {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	more := ""
	if n := len(ids) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf(" %s %s%s", ids[0], safetext.Line(string(r.CauseOf(ids[0]))), more)
}

// say says something that is no result.
func (t *fleetProgress) say(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.width > 0 {
		_, _ = io.WriteString(t.w, "\r\x1b[K")
	}
	printMessage(t.w, err)
	t.bar(true)
}

func (t *fleetProgress) line(format string, args ...any) {
	start := ""
	if t.width > 0 {
		start = "\r\x1b[K"
	}
	_, _ = fmt.Fprintf(t.w, start+format+"\n", args...)
}

// redraw is how often the bar is drawn at most.
const redraw = 100 * time.Millisecond

func (t *fleetProgress) bar(now bool) {
	if t.width == 0 || (!now && t.quiet && time.Since(t.drawn) < redraw) {
		return
	}
	t.drawn = time.Now()
	text := fmt.Sprintf("%d of %d  %d conformant  %d not  %d incomplete%s", t.done, t.total,
		t.counts[probes.Conformant], t.counts[probes.NotConformant], t.counts[probes.Incomplete], t.timeLeft())
	_, _ = fmt.Fprintf(t.w, "\r\x1b[K%s", text[:min(len(text), t.width-1)])
}

// warnWorldReadable tells once of secrets that are open to everybody.
func (r *fleetRun) warnWorldReadable() {
	switch n := len(r.worldReadable); n {
	case 0:
	case 1:
		printMessage(r.err, r.worldReadable[0])
	default:
		printMessage(r.err, fmt.Errorf("%w; it is one of %d", r.worldReadable[0], n))
	}
}

// timeLeft is a guess from the pace so far; at first there is none.
func (t *fleetProgress) timeLeft() string {
	if t.done < 3 || t.done >= t.total {
		return ""
	}
	left := time.Since(t.started) / time.Duration(t.done) * time.Duration(t.total-t.done)
	if left = left.Round(time.Second); left == 0 {
		return ""
	}
	return fmt.Sprintf("  about %s left", left)
}

// erase leaves the terminal as if there had been no bar.
func (t *fleetProgress) erase() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.width > 0 {
		_, _ = io.WriteString(t.w, "\r\x1b[K")
	}
}

// instanceWriter is standard error for what is said of one instance.
type instanceWriter struct {
	run  *fleetRun
	name string
}

func (n instanceWriter) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(bytes.TrimRight(text, "\n"))) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "halocheck: ")
		if n.run.progress == nil {
			printMessage(n.run.err, fmt.Errorf("%s: %s", n.name, line))
			continue
		}
		n.run.progress.say(fmt.Errorf("%s: %s", n.name, line))
	}
	return len(text), nil
}
