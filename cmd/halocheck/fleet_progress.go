package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/fleet/progress"
)

func newFleetProgress(env environment, total int, quiet bool) *progress.Progress {
	columns := 0
	if width, terminal := terminalWidth(env.err); terminal && env.getenv("TERM") != "dumb" {
		columns = max(width, 20)
		allowColour(env.err)
	}
	return progress.New(env.err, columns, total, quiet)
}

// say says something that is no result.
func (r *fleetRun) say(err error) {
	r.progress.Above(func(w io.Writer) { printMessage(w, err) })
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
		n.run.say(fmt.Errorf("%s: %s", n.name, line))
	}
	return len(text), nil
}
