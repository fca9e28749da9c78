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
		s.mu.Lock()
		s.run = ctx
		s.mu.Unlock()
		r := &run{ctx: ctx, session: s}
		wanted := slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return !s.reports(c.Meta().ID) })
		found := make([]chan Finding, len(wanted))
		for i, c := range wanted {
			found[i] = make(chan Finding, 1)
			go func() { found[i] <- c.evaluate(r) }()
		}
		attested := attestations{}
		for _, next := range found {
			f := <-next
			if f.omit {
				continue
			}
			if attested.apply(&f); !yield(f) {
				return
			}
		}
	}
}

// attestations holds the IDs of the requirements that pass only because they were attested, each with the ID of the first
// finding behind it. An attestation opens no connection, so what depends on such a requirement was still not asked.
type attestations map[string]string

// apply makes the first finding behind an attested requirement unknown, and blocks the others by that one.
func (w attestations) apply(f *Finding) {
	switch first, attested := w[f.BlockedBy]; {
	case f.Attested != "":
		w[f.ID] = ""
	case f.Status == Failed:
		delete(w, f.ID) // on another host it was seen not to hold
	case f.Status != Blocked || !attested:
	case first != "":
		f.BlockedBy, f.Because = first, (&Unmet{ID: first}).Error()
	default:
		if f.Level == Must {
			w[f.BlockedBy] = f.ID
		}
		f.Because = "somebody vouched for " + f.BlockedBy + ", yet this machine did not get through"
		f.Status, f.Cause, f.BlockedBy = Unknown, NotObserved, ""
		f.Remedy = &Remedy{Who: Operator, Do: "Run halocheck from where the instance answers."}
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
}

// Summarise counts the findings and decides the outcome: the only place that does. Deviations of a should or may, and
// those that are waived, skipped or not applicable, never change it. A Must that nobody judged is not passed.
func Summarise(findings []Finding) Summary {
	sum := Summary{Outcome: Conformant, Counts: map[Status]int{}, RootCauses: []string{}}
	var blockers []string
	broken := false
	for _, f := range findings {
		sum.Counts[f.Status]++
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
		case Passed, NotApplicable, Skipped:
		}
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

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
