// Package progress says on a terminal or in a log how far a fleet is.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Progress says what goes on: a line for each finished instance and, on a terminal, a bar below them.
type Progress struct {
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

// New is for a run over total instances. width is the terminal's columns, zero where w is none; quiet leaves out the finished ones.
func New(w io.Writer, width, total int, quiet bool) *Progress {
	return &Progress{w: w, width: width, total: total, quiet: quiet, counts: map[probes.Outcome]int{}, started: time.Now()}
}

// Finished tells of one result.
func (p *Progress) Finished(r *fleet.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.counts[r.Outcome]++
	if !p.quiet {
		p.line("%s %s %s%s %.1fs", time.Now().UTC().Format(time.RFC3339), safetext.Line(r.Name), r.Outcome, firstRoot(r), r.TookMS/1000)
	}
	p.bar(false)
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

// Above writes something that is no result above the bar.
func (p *Progress) Above(write func(io.Writer)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
	write(p.w)
	p.bar(true)
}

func (p *Progress) line(format string, args ...any) {
	start := ""
	if p.width > 0 {
		start = "\r\x1b[K"
	}
	_, _ = fmt.Fprintf(p.w, start+format+"\n", args...)
}

// redraw is how often the bar is drawn at most.
const redraw = 100 * time.Millisecond

func (p *Progress) bar(now bool) {
	if p.width == 0 || (!now && p.quiet && time.Since(p.drawn) < redraw) {
		return
	}
	p.drawn = time.Now()
	text := fmt.Sprintf("%d of %d  %d conformant  %d not  %d incomplete%s", p.done, p.total,
		p.counts[probes.Conformant], p.counts[probes.NotConformant], p.counts[probes.Incomplete], p.timeLeft())
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", text[:min(len(text), p.width-1)])
}

// timeLeft is a guess from the pace so far; at first there is none.
func (p *Progress) timeLeft() string {
	if p.done < 3 || p.done >= p.total {
		return ""
	}
	left := time.Since(p.started) / time.Duration(p.done) * time.Duration(p.total-p.done)
	if left = left.Round(time.Second); left == 0 {
		return ""
	}
	return fmt.Sprintf("  about %s left", left)
}

// Erase leaves the terminal as if there had been no bar.
func (p *Progress) Erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
