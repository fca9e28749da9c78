package probes

import (
	"context"
	"iter"
	"slices"
)

// run is one pass over the checks.
type run struct {
	ctx     context.Context
	session *Session
}

// Run looks at everything side by side and yields the findings in the order of checks, each as soon as it and those
// before it are known. Checks that --only leaves out are not yielded. When ctx ends, what is not known yet is yielded
// as unknown, so that the sequence always ends and is always complete. Breaking off ends all questions.
func Run(ctx context.Context, s *Session, checks []Check) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r := &run{ctx: ctx, session: s}
		wanted := slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return !s.reports(c.Meta().ID) })
		shown := make(chan struct{})
		s.begin(ctx, shown, slices.ContainsFunc(wanted, func(c Check) bool { return c.Meta().ID == hostingShownBy }))
		found := make([]chan Finding, len(wanted))
		for i, c := range wanted {
			found[i] = make(chan Finding, 1)
			go func() {
				found[i] <- c.evaluate(r)
				if c.Meta().ID == hostingShownBy {
					close(shown)
				}
			}()
		}
		blocked := blockers{run: r, checks: checks, first: map[string]string{}}
		var same []Finding // of one requirement that several guides ask for
		for i, next := range found {
			if f := <-next; !f.omit {
				same = append(same, blocked.settle(f))
			}
			if i+1 < len(wanted) && wanted[i+1].Meta().ID == wanted[i].Meta().ID && isOneOfSeveral(wanted[i]) {
				continue
			}
			for _, f := range together(same) {
				if !yield(f) {
					return
				}
			}
			same = nil
		}
	}
}

// Outcome is the whole run in a word.
type Outcome string

// The outcomes.
const (
	Conformant    Outcome = "conformant"
	NotConformant Outcome = "not-conformant"
	Incomplete    Outcome = "incomplete"
)

// Exit codes of the command, the same in every format.
const (
	ExitConformant    = 0
	ExitNotConformant = 1
	ExitUsage         = 2
	ExitIncomplete    = 3
	ExitBroken        = 4
)

// Summary is the outcome of a run.
type Summary struct {
	Outcome    Outcome
	RootCauses []string // IDs to fix first, most fundamental first
	Exit       int
	Counts     map[Status]int
	Attested   int // of Counts[Passed]: findings that pass because somebody vouched for them
}

// Summarise counts the findings and decides the outcome: the only place that does. Deviations of a should or may, and
// those that are waived, skipped or not applicable, never change it. A Must that nobody judged is not passed, and a run that
// judged nothing at all is incomplete.
func Summarise(findings []Finding) Summary {
	sum := Summary{Outcome: Conformant, Counts: map[Status]int{}, RootCauses: []string{}}
	var blockers []string
	broken := false
	for _, f := range findings {
		sum.Counts[f.Status]++
		if f.Attested != "" && f.Status == Passed {
			sum.Attested++
		}
		broken = broken || f.Status == Broken
		if f.BlockedBy != "" {
			blockers = append(blockers, f.BlockedBy)
		}
		if f.Level != Must || f.Waived != nil {
			continue
		}
		switch f.Status {
		case Failed:
			sum.Outcome = NotConformant
			sum.RootCauses = appendNew(sum.RootCauses, f.ID)
		case Unknown, Blocked, Broken:
			if sum.Outcome == Conformant {
				sum.Outcome = Incomplete
			}
		}
	}
	if sum.Outcome == Conformant && sum.Counts[Passed]+sum.Counts[Failed] == 0 {
		sum.Outcome = Incomplete
	}
	if len(sum.RootCauses) == 0 {
		for _, f := range findings {
			if f.Level == Must && (f.Status == Unknown || f.Status == Broken) && slices.Contains(blockers, f.ID) {
				sum.RootCauses = appendNew(sum.RootCauses, f.ID)
			}
		}
	}
	switch {
	case sum.Outcome == NotConformant:
		sum.Exit = ExitNotConformant
	case broken:
		sum.Exit = ExitBroken
	case sum.Outcome == Incomplete:
		sum.Exit = ExitIncomplete
	}
	return sum
}

// ofPartialGuide is the summary by a guide whose source could be read in part alone: that nothing fails does not show that the
// connection meets it.
func (s Summary) ofPartialGuide() Summary {
	if s.Outcome == Conformant {
		s.Outcome, s.Exit = Incomplete, max(s.Exit, ExitIncomplete)
	}
	return s
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
