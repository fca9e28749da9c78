package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/report"
)

func newJudge(w world) *cobra.Command {
	var show showing
	var guideFile, waiveFile string
	c := &cobra.Command{
		Use: "judge REPORT.json", Short: "Judge saved evidence again, offline",
		Long: "judge reads a report that was saved as JSON and judges its evidence with today's requirements. Nothing is asked; what\nthe report holds no answer for keeps its old finding.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("judge takes one report, saved with `halocheck check --out json=FILE`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := show.check(); err != nil {
				return err
			}
			old, err := readReport(args[0])
			if err != nil {
				return err
			}
			g, err := readGuide(guideFile)
			if err != nil {
				return err
			}
			s, err := old.Session(g)
			if err != nil {
				return usagef("%s: %w", args[0], err)
			}
			checks := checksOf(s)
			waivers, err := readWaivers(waiveFile, idsOf(checks))
			if err != nil {
				return err
			}
			outs, err := openOuts(show.outs)
			if err != nil {
				return err
			}
			defer dropOuts(outs)
			p := &plan{session: s, checks: checks}
			r := old.Judged(toolVersion(), g, collect(c.Context(), w, p, true))
			waive(w, again(waivers, r.Findings), r.Findings, s.Now())
			r.Sum()
			if err := show.write(w, r, outs); err != nil {
				return err
			}
			if r.Exit != probes.ExitConformant {
				return exit{r.Exit}
			}
			return nil
		},
	}
	show.add(c)
	c.Flags().StringVar(&guideFile, "guide", "", "another guide than the built-in one")
	c.Flags().StringVar(&waiveFile, "waive", "", "a `file` of accepted deviations")
	return c
}

// readReport reads a saved report.
func readReport(name string) (*report.Report, error) {
	if strings.HasSuffix(name, ".zip") {
		return nil, notYet("a bundle (" + name + ")")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usagef("%w", err)
	}
	defer f.Close()
	r, err := report.Read(f)
	if err != nil {
		return nil, usagef("%s: %w; a report is saved with `halocheck check --out json=FILE`", name, err)
	}
	return r, nil
}

// placeOf is a finding as a change names it.
func placeOf(f probes.Finding) string {
	if f.Host == "" {
		return f.ID
	}
	return fmt.Sprintf("%s [%s]", f.ID, f.Host)
}
