package main

import (
	"fmt"
	"io"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/terminal"
)

// checkProgress is one line on a terminal's standard error while a run waits; elsewhere it is nothing.
type checkProgress struct {
	w     io.Writer
	width int // columns; zero: there is no terminal
}

func newProgress(env environment, quiet bool) *checkProgress {
	p := &checkProgress{w: env.err}
	if !quiet {
		p.width = terminal.ProgressColumns(env.err, env.getenv)
	}
	return p
}

// show says how far the run is, and what was judged last.
func (p *checkProgress) show(at halocheck.Progress) {
	if p.width == 0 {
		return
	}
	what := at.Last.ID
	if at.Done == 0 {
		what = "asking"
	}
	text := fmt.Sprintf("%d of %d  %s", at.Done, at.Total, what)
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", text[:min(len(text), p.width-1)])
}

// erase leaves the line as if nothing had been there.
func (p *checkProgress) erase() {
	if p.width != 0 {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
