package report

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Guides are the guides that a saved report was made with.
func Guides(r *Report) ([]*guide.Guide, error) {
	texts := []string{r.Guide.Text}
	if len(r.Guides) > 0 {
		texts = nil
	}
	for _, g := range r.Guides {
		texts = append(texts, g.Text)
	}
	guides := make([]*guide.Guide, len(texts))
	for i, text := range texts {
		if guides[i] = guide.BuiltIn(); text == "" {
			continue
		}
		var err error
		if guides[i], err = guide.Parse("the guide in the report", []byte(text)); err != nil {
			return nil, err
		}
	}
	return guides, nil
}

// Session is a session that answers from the report: nothing is asked, and what was vouched for and left out then is so now.
func Session(r *Report, guides ...*guide.Guide) (*probes.Session, error) {
	u, err := url.Parse(r.Target.URL)
	if err != nil {
		return nil, fmt.Errorf("the report names no instance: %q is not a URL", r.Target.URL)
	}
	s := &probes.Session{
		Target: probes.Target{Resource: u, AuthURL: r.Target.AuthURL, Tenant: r.Target.Tenant, Hosting: r.Target.Hosting},
		Guide:  guide.Together(guides), Net: &wire.Net{}, Only: r.Only, Attested: map[string]string{},
	}
	if len(guides) > 1 {
		s.Guides = guides
	}
	for _, g := range r.Guides {
		if g.Planned {
			s.Planned = append(s.Planned, g.Name)
		}
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

// Judged is the report with today's findings for its answers, which a run of its [Session] s gave; version is who
// judged. Where the report holds no answer to judge, its own finding stands. Waivers are carried over with what they waive.
func Judged(r *Report, version string, s *probes.Session, today []probes.Finding) *Report {
	out := *r
	out.Tool.Version = version
	out.Guide, out.Guides = guidesOf(s, r.Guide.Profiles)
	out.Contradictions = guide.Union(s.Guides...).Contradictions
	out.Findings, out.Coverage.Total = slices.Clone(today), requirementsOf(s.JudgedBy())
	for i, f := range out.Findings {
		at := slices.IndexFunc(r.Findings, func(o probes.Finding) bool {
			return o.ID == f.ID && (o.Host == f.Host || f.Host == "") && o.SharesGuide(f)
		})
		switch {
		case at < 0:
		case f.Evidence == "" && f.Status == probes.Unknown && f.Cause == probes.NotObserved, f.Evidence == "" && f.Attested != "":
			out.Findings[i] = r.Findings[at]
			out.Findings[i].AskedBy = f.AskedBy
		default:
			was, now := r.Findings[at], &out.Findings[i]
			now.TookMS, now.WaiverEnded, now.WaiverUnneeded = was.TookMS, was.WaiverEnded, was.WaiverUnneeded
			if now.Status == probes.Failed {
				now.Waived = was.Waived
			}
		}
	}
	out.Sum()
	return &out
}
