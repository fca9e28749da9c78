// Package faultlist lists what the fake can do wrong, for people and for programs.
package faultlist

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
)

// Fault and Dialect are the rows of the document.
type (
	Fault struct {
		Name        string `json:"name"`
		Says        string `json:"says"`
		Requirement string `json:"requirement,omitempty"` // what a correct diagnosis reports; empty: the instance is healthy
		Status      string `json:"status,omitempty"`
		Cause       string `json:"cause,omitempty"`
	}
	Dialect struct {
		Name   string   `json:"name"`
		Says   string   `json:"says"`
		Values []string `json:"values"` // the first one is the default
		Open   string   `json:"open"`   // why it is open
	}
)

// List is what there is.
type List struct {
	Faults   []Fault   `json:"faults"`
	Dialects []Dialect `json:"dialects"`
}

// JSON is the list as one document.
func (l List) JSON() ([]byte, error) { return safetext.JSON(l, "  ") }

// Text lists the faults by area, each with what a correct diagnosis reports, and the dialects, in lines of width columns.
func (l List) Text(width int) string {
	var b strings.Builder
	b.WriteString(report.Wrap("", "", "faults, as --fault NAME: what is wrong, and what a correct diagnosis reports", width))
	last := ""
	for _, f := range l.Faults {
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
	for _, d := range l.Dialects {
		b.WriteString(report.Wrap(fmt.Sprintf("  %-40s  ", d.Name+"="+strings.Join(d.Values, "|")), "      ", d.Says+" ("+d.Open+")", width))
	}
	return b.String()
}
