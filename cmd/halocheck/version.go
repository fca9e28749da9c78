package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
)

// oldAfter is the age from which built-in knowledge is called out; the table of versions says nothing from then on (contract §9).
const oldAfter = 90 * 24 * time.Hour

// builtIn is knowledge that comes with the program and ages.
type builtIn struct {
	Date string `json:"date"` // YYYY-MM-DD; empty: the build does not tell
	Old  bool   `json:"old"`
}

// versionReport is what `halocheck version` tells.
type versionReport struct {
	version.Info
	Guides   []guideEdition `json:"guides"`
	Roots    builtIn        `json:"roots"`
	Versions builtIn        `json:"halopsa_versions"`
	Notes    []string       `json:"notes,omitempty"`
}

type guideEdition struct {
	Name    string `json:"name"`
	Edition string `json:"edition,omitempty"`
	AsOf    string `json:"as_of,omitempty"`
}

// newVersionReport judges the age of what is built in by the date of today.
func newVersionReport(info version.Info, table []product.Release, today time.Time) versionReport {
	r := versionReport{Info: info}
	g := guide.BuiltIn()
	r.Guides = []guideEdition{{g.Name, g.Edition, g.AsOf}}
	seen := ""
	for _, release := range table {
		seen = max(seen, release.Seen)
	}
	age := func(date, what, effect string) builtIn {
		day, err := time.Parse(time.DateOnly, date)
		old := err == nil && today.Sub(day) > oldAfter
		if old {
			r.Notes = append(r.Notes, fmt.Sprintf("%s %d days old. %s Install a newer halocheck.", what, int(today.Sub(day).Hours()/24), effect))
		}
		return builtIn{date, old}
	}
	r.Roots = age(info.Roots, "The built-in root certificates are", "A new certificate authority may look untrusted.")
	r.Versions = age(seen, "The built-in list of HaloPSA versions is", "Whether an instance runs the latest version is unknown.")
	return r
}

// text is the report for people.
func (r versionReport) text() string {
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

func newVersion(env environment) *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use: "version", Short: "Say which halocheck this is, and how old its guides, roots and versions are", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			now := time.Now
			if env.now != nil {
				now = env.now
			}
			r := newVersionReport(version.Read(), product.StableReleases(), now())
			if format == "text" {
				_, err := fmt.Fprint(env.out, r.text())
				return writeResult(err)
			}
			e := json.NewEncoder(env.out)
			e.SetIndent("", "  ")
			return writeResult(e.Encode(r))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// noArguments refuses arguments.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes flags only, and a further word was given; `%s --help` lists the flags", c.Name(), c.CommandPath())
	}
	return nil
}

// writeResult is the error of writing a result.
func writeResult(err error) error {
	if err != nil {
		return internalError{fmt.Errorf("standard output could not be written: %w", err)}
	}
	return nil
}
