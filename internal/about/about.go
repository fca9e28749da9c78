// Package about tells which halocheck this is, and how old the knowledge is that is built into it.
package about

import (
	"fmt"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
)

// oldAfter is the age from which built-in knowledge is called out; the table of versions says nothing from then on (contract §9).
const oldAfter = 90 * 24 * time.Hour

// BuiltIn is knowledge that comes with the program and ages.
type BuiltIn struct {
	Date string `json:"date"` // YYYY-MM-DD; empty: the build does not tell
	Old  bool   `json:"old"`
}

// Report is what `halocheck version` tells.
type Report struct {
	version.Info
	Guides   []GuideEdition `json:"guides"`
	Roots    BuiltIn        `json:"roots"`
	Versions BuiltIn        `json:"halopsa_versions"`
	Notes    []string       `json:"notes,omitempty"`
}

// GuideEdition is a guide of the library.
type GuideEdition struct {
	Name    string `json:"name"`
	Edition string `json:"edition,omitempty"`
	AsOf    string `json:"as_of,omitempty"`
}

// New judges the age of what is built in by the date of today.
func New(info version.Info, table []product.Release, today time.Time) Report {
	r := Report{Info: info}
	g := guide.BuiltIn()
	r.Guides = []GuideEdition{{g.Name, g.Edition, g.AsOf}}
	seen := ""
	for _, release := range table {
		seen = max(seen, release.Seen)
	}
	age := func(date, what, effect string) BuiltIn {
		day, err := time.Parse(time.DateOnly, date)
		old := err == nil && today.Sub(day) > oldAfter
		if old {
			r.Notes = append(r.Notes, fmt.Sprintf("%s %d days old. %s Install a newer halocheck.", what, int(today.Sub(day).Hours()/24), effect))
		}
		return BuiltIn{date, old}
	}
	r.Roots = age(info.Roots, "The built-in root certificates are", "A new certificate authority may look untrusted.")
	r.Versions = age(seen, "The built-in list of HaloPSA versions is", "Whether an instance runs the latest version is unknown.")
	return r
}

// Text is the report for people.
func (r Report) Text() string {
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, value)
		}
	}
	commit := r.Commit
	if r.Modified {
		commit = strings.TrimSpace(commit + " (modified)")
	}
	row("halocheck", r.Version)
	row("commit", commit)
	row("date", r.Date)
	row("go", r.Go+" "+r.Platform)
	for _, g := range r.Guides {
		row("guide", fmt.Sprintf("%s, %s, as of %s", g.Name, g.Edition, orUnknown(g.AsOf)))
	}
	row("roots", "of "+orUnknown(r.Roots.Date))
	row("versions", "of HaloPSA, seen on "+orUnknown(r.Versions.Date))
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	return b.String()
}

func orUnknown(date string) string {
	if date == "" {
		return "an unknown date"
	}
	return date
}
