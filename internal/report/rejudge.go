package report

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Session is a session that answers from the report: nothing is asked, and what was vouched for and left out then is so now.
func Session(r *Report, g *guide.Guide) (*probes.Session, error) {
	u, err := url.Parse(r.Target.URL)
	if err != nil {
		return nil, fmt.Errorf("the report names no instance: %q is not a URL", r.Target.URL)
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

// Judged is the report with today's findings for its answers, which a run of its [Session] gave; version is who
// judged. Where the report holds no answer to judge, its own finding stands. Waivers are carried over with what they waive.
func Judged(r *Report, version string, g *guide.Guide, today []probes.Finding) *Report {
	out := *r
	out.Tool.Version, out.Guide = version, Guide{Name: g.Name, Edition: g.Edition, Profiles: r.Guide.Profiles, Text: g.Text}
	out.Findings, out.Coverage.Total = slices.Clone(today), requirementsOf(g)
	for i, f := range out.Findings {
		at := slices.IndexFunc(r.Findings, func(o probes.Finding) bool { return o.ID == f.ID && (o.Host == f.Host || f.Host == "") })
		switch {
		case at < 0:
		case f.Evidence == "" && f.Status == probes.Unknown && f.Cause == probes.NotObserved, f.Evidence == "" && f.Attested != "":
			out.Findings[i] = r.Findings[at]
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
