package main

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
)

// listedFault and listedDialect are the rows of `fake --list --format json`.
type (
	listedFault struct {
		Name        string `json:"name"`
		Says        string `json:"says"`
		Requirement string `json:"requirement,omitempty"` // what a correct diagnosis reports; empty: the instance is healthy
		Status      string `json:"status,omitempty"`
		Cause       string `json:"cause,omitempty"`
	}
	listedDialect struct {
		Name   string   `json:"name"`
		Says   string   `json:"says"`
		Values []string `json:"values"` // the first one is the default
	}
)

// writeFaults is --list: the faults by area, each with what a correct diagnosis reports, and the dialects.
func writeFaults(env environment, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	if format == "json" {
		var all struct {
			Faults   []listedFault   `json:"faults"`
			Dialects []listedDialect `json:"dialects"`
		}
		for _, f := range fakehalo.Faults() {
			all.Faults = append(all.Faults, listedFault{f.Name, f.Says, f.Requirement, f.Status, f.Cause})
		}
		for _, d := range fakehalo.Dialects() {
			all.Dialects = append(all.Dialects, listedDialect{d.Name, d.Says, d.Values})
		}
		text, err := safetext.JSON(all, "  ")
		if err == nil {
			_, err = env.out.Write(text)
		}
		return err
	}
	width, terminal := terminalWidth(env.out)
	if !terminal {
		width = 1 << 20 // a line each, for what reads it
	}
	_, err := fmt.Fprint(env.out, listFaults(max(width, 40)))
	return err
}

// listFaults lists the faults and dialects within a width.
func listFaults(width int) string {
	var b strings.Builder
	b.WriteString(report.Wrap("", "", "faults, as --fault NAME: what is wrong, and what a correct diagnosis reports", width))
	last := ""
	for _, f := range fakehalo.Faults() {
		reports := "healthy"
		if f.Requirement != "" {
			reports = strings.TrimSpace(f.Requirement + " " + f.Status + " " + f.Cause)
			if area, _, _ := strings.Cut(f.Requirement, "."); area != last {
				last = area
				fmt.Fprintf(&b, "\n%s\n", area)
			}
		}
		b.WriteString(report.Wrap(fmt.Sprintf("  %-28s  ", f.Name), "      ", fmt.Sprintf("%s (%s)", f.Says, reports), width))
	}
	b.WriteString("\n" + report.Wrap("", "", "A certificate fault, connection-refused or dns-failure with @auth behind its name is on the Authorisation host.", width) + "\n")
	b.WriteString(report.Wrap("", "", "dialects, as --fault dialect:NAME=VALUE: where nobody knows what HaloPSA does; the first value is the default", width) + "\n")
	for _, d := range fakehalo.Dialects() {
		b.WriteString(report.Wrap(fmt.Sprintf("  %-40s  ", d.Name+"="+strings.Join(d.Values, "|")), "      ", d.Says, width))
	}
	return b.String()
}
