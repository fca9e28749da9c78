package watch

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Lines tells a person what changed, a line each.
type Lines struct {
	To    io.Writer
	Title func(text string) // sets the terminal's title
	Bell  func()            // rings at the end
	begun bool
}

// Tell writes what an event says.
func (w *Lines) Tell(e Event) {
	at := e.Time.Format("15:04:05")
	next := ""
	if e.Next != "" {
		next = " · next: " + e.Next
	}
	line := func(sign, text string) { _, _ = fmt.Fprintf(w.To, "%s %s %s\n", sign, at, safetext.Line(text)) }
	if len(e.Broken) > 0 {
		line("✗", "no longer holds: "+strings.Join(e.Broken, ", ")+next)
	}
	for _, f := range e.Other {
		line("✗", fmt.Sprintf("%s: %s%s", f.ID, report.Verdict(f), next))
	}
	if len(e.Fixed) > 0 {
		line("✓", "fixed: "+strings.Join(e.Fixed, ", ")+next)
	}
	switch {
	case e.Report.Outcome == probes.Conformant:
		line("✓", "conformant")
		w.Title("✓ " + e.Report.Target.URL)
		w.Bell()
		return
	case !w.begun && e.Next != "":
		at := slices.IndexFunc(e.Report.Findings, func(f probes.Finding) bool { return f.ID == e.Next })
		text := "open: " + e.Next
		if at >= 0 {
			text += ": " + report.Verdict(e.Report.Findings[at])
		}
		line("✗", text)
	}
	w.begun = true
	w.Title("✗ " + e.Next)
}
