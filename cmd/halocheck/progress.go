package main

import (
	"fmt"
	"io"
)

// progress is one line on a terminal's standard error while a run waits; elsewhere it is nothing.
type progress struct {
	w     io.Writer
	width int // columns; zero: there is no terminal
	total int
	done  int
}

func newProgress(env environment, total int, quiet bool) *progress {
	p := &progress{w: env.err, total: total}
	if width, terminal := terminalWidth(env.err); terminal && !quiet && env.getenv("TERM") != "dumb" {
		p.width = max(width, 20)
		allowColour(env.err)
	}
	p.show("asking")
	return p
}

// step tells that one more requirement is judged.
func (p *progress) step(id string) {
	p.done++
	p.show(id)
}

func (p *progress) show(what string) {
	if p.width == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d  %s", p.done, p.total, what)
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", text[:min(len(text), p.width-1)])
}

// erase leaves the line as if nothing had been there.
func (p *progress) erase() {
	if p.width != 0 {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
