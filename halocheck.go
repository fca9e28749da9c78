package halocheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
)

// Target is the instance to check, and the integration's application in it.
type Target struct {
	// URL is the Resource Server as the customer knows it, with or without /api; a bare host means https.
	URL string
	// ClientID and ClientSecret are the application's. Without both, only what anybody can see is judged.
	ClientID     string
	ClientSecret Secret
}

// Secret returns a secret when it is needed. An error ends the check before anything is asked.
type Secret func(context.Context) (string, error)

// The results of a check, and the words in them. Package probes documents their fields.
type (
	Report  = probes.Report
	Finding = probes.Finding
	Status  = probes.Status
	Outcome = probes.Outcome
)

// The outcomes of a check.
const (
	Conformant    = probes.Conformant    // every Must was judged and holds
	NotConformant = probes.NotConformant // at least one Must fails
	Incomplete    = probes.Incomplete    // nothing failed, but a Must could not be judged
)

// Check asks the instance and yields the findings in the order of the catalogue, each as soon as it and those before it
// are known. Breaking off ends all requests.
//
// An error is the last value. It means that nothing was asked, because an option or the target cannot be used, or that ctx
// ended first; then every requirement that was not judged was yielded as unknown before it. The time limit of the check
// itself ([WithTimeout]) is no error.
func Check(ctx context.Context, target Target, opts ...Option) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		c, err := prepare(ctx, target, opts)
		if err != nil {
			yield(Finding{}, err)
			return
		}
		defer c.close()
		for f := range c.findings(ctx) {
			if !yield(f, nil) {
				return
			}
		}
		if err := interrupted(ctx); err != nil {
			yield(Finding{}, err)
		}
	}
}

// Run is [Check] with everything in one [Report]. Where ctx ends first, both the report of what is known by then and the
// error are returned.
func Run(ctx context.Context, target Target, opts ...Option) (*Report, error) {
	c, err := prepare(ctx, target, opts)
	if err != nil {
		return nil, err
	}
	defer c.close()
	started := time.Now()
	findings := c.settings.collect(c.findings(ctx), c.requirements())
	c.settings.tell(waiver.Apply(c.settings.waivers, findings, c.session.Now()))
	r, err := report.New(c.session, version.String(), findings, started, time.Since(started))
	if err != nil {
		return nil, fmt.Errorf("halocheck: %w", err)
	}
	return r, interrupted(ctx)
}

// Validate is the error that [Run] would end with before it asks anything: of an option, the target, or a secret that cannot
// be read.
func Validate(ctx context.Context, target Target, opts ...Option) error {
	c, err := prepare(ctx, target, opts)
	if err == nil {
		c.close()
	}
	return err
}

// requirements is how many requirements the check reports.
func (c *check) requirements() int {
	ids := map[string]bool{}
	for _, r := range c.checks {
		if id := r.Meta().ID; len(c.session.Only) == 0 || matches(c.session.Only, id) {
			ids[id] = true
		}
	}
	return len(ids)
}

// collect is every finding, with the progress told.
func (s *settings) collect(findings iter.Seq[Finding], total int) (all []Finding) {
	s.onProgress(Progress{Total: total})
	judged := map[string]bool{}
	for f := range findings {
		all = append(all, f)
		judged[f.ID] = true // one that is judged for two hosts counts once
		s.onProgress(Progress{len(judged), total, f})
	}
	return all
}

func (s *settings) tell(notes []error) {
	for _, n := range notes {
		s.onNote(n.Error())
	}
}

// Requirements are what a check with these options judges, each once, in the order of a report.
func Requirements(opts ...Option) ([]probes.Meta, error) {
	s, err := apply(opts)
	if err != nil {
		return nil, err
	}
	kept, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	if err := s.known(kept.ids); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(catalogue.Requirements(kept.checks), func(m probes.Meta) bool {
		return len(s.only) > 0 && !matches(s.only, m.ID)
	}), nil
}

// Judge judges the evidence of a saved report again with the requirements of this version, and asks nothing. Where the
// report holds no evidence for a requirement, its old finding stands. Of the options, [WithGuide] and [WithGuides] (unset: the report's
// own) and [WithWaivers] count.
func Judge(ctx context.Context, saved *Report, opts ...Option) (*Report, error) {
	s, err := apply(opts)
	if err != nil {
		return nil, err
	}
	if saved == nil {
		return nil, errors.New("halocheck: there is no report to judge")
	}
	if len(s.guides) == 0 {
		if s.guides, err = report.Guides(saved); err != nil {
			return nil, misuse("guide", "%w", err)
		}
	}
	kept, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	if err := s.knownWaivers(kept.ids); err != nil {
		return nil, err
	}
	session, err := report.Session(saved, s.judgedBy()...)
	if err != nil {
		return nil, fmt.Errorf("halocheck: %w", err)
	}
	s.watchPanics(session)
	today := s.collect(probes.Run(ctx, session, kept.checks), len(kept.ids))
	r := report.Judged(saved, version.String(), session, today)
	s.tell(waiver.Apply(waiver.FromFindings(s.waivers, r.Findings), r.Findings, session.Now()))
	r.Sum()
	return r, interrupted(ctx)
}

// interrupted is the error of a context that ended, in a sentence.
func interrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("halocheck: the check was ended before everything was asked: %w", context.Cause(ctx))
}

// Read reads a report that was saved as JSON. It refuses what is no report of this schema.
func Read(data []byte) (*Report, error) {
	saved, err := report.Read(data)
	if err != nil {
		return nil, fmt.Errorf("halocheck: %w", err)
	}
	return saved, nil
}

// Write writes a report in a format: text, short, json, junit, markdown or html.
func Write(w io.Writer, r *Report, format string) error {
	if err := report.Write(w, format, r, report.Options{Program: true}); err != nil {
		return fmt.Errorf("halocheck: %w", err)
	}
	return nil
}
