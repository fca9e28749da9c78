package main

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/report"
	"github.com/halocheck/halocheck/probes/wire"
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
			s, err := replayed(old, guideFile)
			if err != nil {
				return err
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
			r := *old
			r.Tool.Version, r.Guide.Name, r.Guide.Edition = toolVersion(), s.Guide.Name, s.Guide.Edition
			r.Findings = merged(old.Findings, collect(c.Context(), w, p, true))
			waive(w, waivers, r.Findings, s.Now())
			r.Sum()
			if err := show.write(w, &r, outs); err != nil {
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

// replayed is a session that answers from a saved report: what was vouched for and left out then is so now.
func replayed(r *report.Report, guideFile string) (*probes.Session, error) {
	g, err := readGuide(guideFile)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(r.Target.URL)
	if err != nil {
		return nil, usagef("the report names no instance: %q is not a URL", r.Target.URL)
	}
	s := &probes.Session{
		Target: probes.Target{Resource: u, AuthURL: r.Target.AuthURL, Tenant: r.Target.Tenant, Hosting: r.Target.Hosting},
		Guide:  g, Net: &wire.Net{}, Only: r.Only, Attested: map[string]string{},
	}
	for _, name := range r.Guide.Profiles {
		s.Profiles = append(s.Profiles, probes.Profile(name))
	}
	for _, f := range r.Findings {
		if f.Attested != "" {
			s.Attested[f.ID] = f.Attested
		}
		if f.Status == probes.Skipped {
			s.Skip = append(s.Skip, f.ID)
		}
	}
	s.Replay(r.Evidence)
	return s, nil
}

// merged are today's findings, and the old one wherever the report holds no answer to judge.
func merged(old, today []probes.Finding) []probes.Finding {
	same := func(a, b probes.Finding) bool { return a.ID == b.ID && (a.Host == b.Host || b.Host == "") }
	out := slices.Clone(today)
	for i, f := range out {
		at := slices.IndexFunc(old, func(o probes.Finding) bool { return same(o, f) })
		switch {
		case at < 0:
		case f.Evidence == "" && f.Status == probes.Unknown && f.Cause == probes.NotObserved:
			out[i] = old[at]
		case f.Evidence == "" && f.Attested != "":
			out[i] = old[at]
		case f.Status == probes.Failed:
			out[i].Waived = old[at].Waived
			fallthrough
		default:
			out[i].TookMS = old[at].TookMS
		}
	}
	return out
}

// placeOf is a finding as a change names it.
func placeOf(f probes.Finding) string {
	if f.Host == "" {
		return f.ID
	}
	return fmt.Sprintf("%s [%s]", f.ID, f.Host)
}
