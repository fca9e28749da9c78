package probes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// Finding is what became of one requirement, for one host where there are two. Its JSON form is part of the report.
type Finding struct {
	ID        string  `json:"id"`
	Area      string  `json:"area"`
	Level     Level   `json:"level"`
	Profile   string  `json:"profile"`
	Status    Status  `json:"status"`
	Says      string  `json:"says"`
	Because   string  `json:"because"`
	Cause     Cause   `json:"cause"`
	BlockedBy string  `json:"blocked_by,omitempty"`
	Remedy    *Remedy `json:"remedy"`
	Source    Source  `json:"source"`
	// AskedBy is where each guide asks for it, of several that are judged together; empty: there is one, or all rest on it.
	AskedBy  []Source `json:"asked_by,omitempty"`
	Evidence string   `json:"evidence,omitempty"` // the key of the judged answer in the report's evidence
	Host     string   `json:"host,omitempty"`
	Attested string   `json:"attested,omitempty"` // who vouched, in the words that were given
	Waived   *Waiver  `json:"waived,omitempty"`   // accepted: it does not count
	// A waiver that does nothing: it is over, so the finding counts again; or what it accepted holds by now.
	WaiverEnded    *Waiver `json:"waiver_ended,omitempty"`
	WaiverUnneeded *Waiver `json:"waiver_unneeded,omitempty"`

	TookMS float64 `json:"took_ms"`
	omit   bool    // judged already under the other host, or there is no other host
}

// MarshalJSON adds the names of the guides that ask for it (contract §5).
func (f Finding) MarshalJSON() ([]byte, error) {
	type finding Finding
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // as the document's encoder says
	err := e.Encode(struct {
		finding
		Guides []string `json:"guides,omitempty"`
	}{finding(f), f.Guides()})
	return b.Bytes(), err
}

// Waiver is an accepted deviation. The original verdict stays in the finding; a waived one does not count.
type Waiver struct {
	Reason string `json:"reason"`
	Owner  string `json:"owner"`
	Until  string `json:"until,omitempty"` // the last day it is accepted, YYYY-MM-DD; empty: no end
}

func areaOf(id string) string {
	area, _, _ := strings.Cut(id, ".")
	return area
}

// evaluate asks r's question, judges the answer and decides the status. Statuses are decided here only.
func (r *Requirement[T]) evaluate(run *run) Finding {
	s := run.session
	f := Finding{
		ID: r.ID, Area: areaOf(r.ID), Level: r.Level, Profile: r.Profile.Name(), Says: r.Says,
		Source: r.Source, Evidence: r.Given.Name,
	}
	if r.Host != nil {
		place, err := Look(run.ctx, s, r.Host)
		f.omit = err != nil || place.Same
		f.Host = place.Host()
	}
	switch {
	case s.skips(r.ID):
		f.Status, f.Because, f.Evidence = Skipped, "skipped on request", ""
	case !s.wants(r.Profile):
		f.Status, f.Evidence = NotApplicable, ""
		f.Because = fmt.Sprintf("only the profile %q asks for it", r.Profile.Name())
	case r.SetUp:
		f.Status, f.Evidence, f.Because = NotApplicable, "", "the guide asks for it only while the connection is set up"
	default:
		ctx := run.ctx
		if r.Given.AlwaysAnswers {
			ctx = context.WithoutCancel(ctx)
		}
		v, err := Look(ctx, s, r.Given)
		f.TookMS = milliseconds(s.took(r.Given))
		verdict := s.verdictOfError(run.ctx, err)
		if err == nil {
			var ok bool
			if verdict, ok = r.judge(s, v); !ok {
				verdict = Verdict{Status: Broken, Because: "halocheck broke while it judged " + r.Given.Name}
			}
		} else {
			f.Evidence = ""
		}
		f.Status, f.Cause, f.Because = verdict.Status, verdict.Cause, verdict.Because
		if unmet := (*Unmet)(nil); errors.As(err, &unmet) {
			f.BlockedBy = unmet.ID
		}
		if (f.Status == Failed || f.Status == Unknown) && r.ID != hostingShownBy {
			s.AwaitHosting(run.ctx) // whom a finding sends to whose server depends on it
		}
		f.Remedy = r.remedyOf(verdict, s.hosted())
		if f.Status == Unknown && errors.Is(context.Cause(run.ctx), ErrInterrupted) {
			again := letItFinish
			f.Remedy = &again
		}
	}
	return s.applyAttestation(f)
}

// verdictOfError says what an error that kept a question from being asked means for the requirement behind it.
func (s *Session) verdictOfError(ctx context.Context, err error) Verdict {
	var unmet *Unmet
	var unobserved *Unobserved
	switch {
	case err == nil:
		return Verdict{}
	case errors.Is(err, errPanicked): // whatever became of the run
		return Verdict{Status: Broken, Because: err.Error()}
	case errors.As(err, &unmet):
		return Verdict{Status: Blocked, Because: err.Error()}
	case errors.As(err, &unobserved):
		return Verdict{Status: Unknown, Cause: unobserved.Cause, Because: unobserved.Because, Remedy: unobserved.Remedy}
	case errors.Is(err, errNotSaved):
		return CannotTell(NotObserved, "the saved report holds no answer to judge").With(runSaved)
	case errors.Is(err, ErrInterrupted) || errors.Is(context.Cause(ctx), ErrInterrupted):
		return CannotTell(NotObserved, "the run was interrupted before it was asked").With(letItFinish)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return CannotTell(Timeout, "the time for the whole run was over before the answer came").With(moreTime)
	}
	if cause := wire.Cause(err); cause != "" {
		return CannotTell(Cause(cause), wire.Describe(err))
	}
	return Verdict{Status: Broken, Because: err.Error()}
}

// applyAttestation turns an attested unknown into a pass. It never changes a fail.
func (s *Session) applyAttestation(f Finding) Finding {
	if reason, ok := s.Attested[f.ID]; ok && f.Status == Unknown {
		f.Status, f.Cause, f.Attested, f.Remedy = Passed, OK, reason, nil
	}
	return f
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// IndexFinding is the place of the finding for the requirement, the host and the guides of f, of which a report has one (contract §9);
// -1 where there is none. Of several guides, one that asks for both is enough.
func IndexFinding(all []Finding, f Finding) int {
	return slices.IndexFunc(all, func(o Finding) bool { return o.ID == f.ID && o.Host == f.Host && o.SharesGuide(f) })
}

// SharesGuide tells whether one guide at least asks for both.
func (f Finding) SharesGuide(o Finding) bool {
	return len(f.AskedBy) == 0 || slices.ContainsFunc(f.AskedBy, func(s Source) bool { return o.IsFor(s.Guide) })
}
