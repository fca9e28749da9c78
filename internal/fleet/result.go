package fleet

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// Schema is the version of the lines of a results file; fields are only ever added.
const Schema = "halocheck.fleet/v1"

// The kinds of lines.
const (
	kindRun    = "run"
	kindResult = "result"
)

// Run is the first line of a results file and of every continuation: the instances to check.
type Run struct {
	Schema    string    `json:"schema"`
	Kind      string    `json:"kind"` // "run"
	Version   string    `json:"version"`
	Inventory string    `json:"inventory"` // digest of its text
	Shard     Shard     `json:"shard"`
	Started   time.Time `json:"started"`
	Names     []string  `json:"names"` // the instances of this shard, in the inventory's order
}

// Result is the result of one instance, a line of a results file.
type Result struct {
	Schema       string                `json:"schema"`
	Kind         string                `json:"kind"` // "result"
	Name         string                `json:"name"`
	Labels       map[string]string     `json:"labels"`
	Digest       string                `json:"digest"` // of the settings it was found with
	URL          string                `json:"url"`
	Hosting      probes.Hosting        `json:"hosting"`
	Started      time.Time             `json:"started"`
	TookMS       float64               `json:"took_ms"`
	Requests     int                   `json:"requests"`
	Outcome      probes.Outcome        `json:"outcome"`
	Exit         int                   `json:"exit"` // the code that `halocheck check` would have ended with
	RootCauses   []string              `json:"root_causes"`
	Counts       map[probes.Status]int `json:"counts"`
	Certificates []Certificate         `json:"certificates"`
	Findings     []Finding             `json:"findings"`
	Guides       []Guide               `json:"guides,omitempty"` // absent: an older version wrote the line
}

// Guide is the outcome by one of the guides that an instance was judged by.
type Guide struct {
	Name       string         `json:"name"`
	Outcome    probes.Outcome `json:"outcome"`
	Planned    bool           `json:"planned,omitempty"` // not connected yet: it does not count in the instance's outcome
	RootCauses []string       `json:"root_causes"`
}

// Finding is the verdict on one requirement, without the texts that the catalogue has.
type Finding struct {
	ID        string         `json:"id"`
	Host      string         `json:"host,omitempty"`
	Level     probes.Level   `json:"level"`
	Says      string         `json:"says,omitempty"` // absent: as the built-in guide says it
	Status    probes.Status  `json:"status"`
	Cause     probes.Cause   `json:"cause,omitempty"` // empty on a pass
	Because   string         `json:"because,omitempty"`
	BlockedBy string         `json:"blocked_by,omitempty"`
	Remedy    *probes.Remedy `json:"remedy,omitempty"`
	Attested  string         `json:"attested,omitempty"`
	Waived    *probes.Waiver `json:"waived,omitempty"`
	AskedBy   []string       `json:"asked_by,omitempty"` // the guides, of several, that ask for it
}

// Certificate is a server's own certificate.
type Certificate struct {
	Host     string    `json:"host"`
	NotAfter time.Time `json:"not_after"`
}

// ResultOf converts a report to a line of a results file.
func ResultOf(i Instance, r *report.Report) *Result {
	out := &Result{
		Schema: Schema, Kind: kindResult, Name: i.Name, Labels: i.Labels, Digest: i.Digest(), URL: r.Target.URL,
		Hosting: r.Target.Hosting, Started: r.Started, TookMS: r.TookMS, Requests: r.Requests,
		Outcome: r.Outcome, Exit: r.Exit, RootCauses: r.RootCauses, Counts: r.Counts,
		Certificates: certificates(r.Evidence), Findings: make([]Finding, 0, len(r.Findings)),
	}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	for _, g := range r.EachGuide() {
		out.Guides = append(out.Guides, Guide{g.Name, g.Outcome, g.Planned, g.RootCauses})
	}
	for _, f := range r.Findings {
		short := Finding{
			ID: f.ID, Host: f.Host, Level: f.Level, Status: f.Status, Cause: f.Cause, Because: f.Because,
			BlockedBy: f.BlockedBy, Remedy: f.Remedy, Attested: f.Attested, Waived: f.Waived,
			AskedBy: f.Guides(),
		}
		if f.Says != builtInSays()[f.ID] {
			short.Says = f.Says
		}
		if f.Status == probes.Passed && f.Cause == probes.OK {
			short.Cause = ""
		}
		out.Findings = append(out.Findings, short)
	}
	return out
}

// builtInSays are the sentences of the built-in guide's requirements.
var builtInSays = sync.OnceValue(func() map[string]string {
	says := map[string]string{}
	for _, m := range catalogue.Requirements(catalogue.All(guide.BuiltIn())) {
		says[m.ID] = m.Says
	}
	return says
})

// chainEvidence is the probe whose evidence holds the certificates that a host sent.
const chainEvidence = "trust.chain"

// Kept tells which evidence of a report [ResultOf] reads.
func Kept(probe string) bool { return probe == chainEvidence || probe == chainEvidence+authSuffix }

// authSuffix is what the probes of the authorisation host have behind their names.
const authSuffix = "@auth"

// certificates reads the expiry of each host's own certificate from a report's evidence.
func certificates(evidence map[string]json.RawMessage) []Certificate {
	out := []Certificate{}
	for _, suffix := range []string{"", authSuffix} {
		var seen struct {
			Host string `json:"host"`
			Port string `json:"port"`
			Own  int    `json:"own"`
			Sent []struct {
				NotAfter time.Time `json:"not_after"`
			} `json:"sent"`
		}
		if json.Unmarshal(evidence[chainEvidence+suffix], &seen) != nil || seen.Own >= len(seen.Sent) {
			continue
		}
		if end := seen.Sent[seen.Own].NotAfter; !end.IsZero() {
			out = append(out, Certificate{Host: strings.TrimSuffix(seen.Host+":"+seen.Port, ":443"), NotAfter: end})
		}
	}
	return out
}

// Fails tells whether a finding is a Must that fails and was not accepted.
func (f Finding) Fails() bool {
	return f.Level == probes.Must && f.Status == probes.Failed && f.Waived == nil
}

// Unjudged tells whether a finding is a Must that is unknown, blocked or broken.
func (f Finding) Unjudged() bool {
	return f.Level == probes.Must && (f.Status == probes.Unknown || f.Status == probes.Blocked || f.Status == probes.Broken)
}

// verdicts are the findings as a report has them, as far as a comparison needs it.
func (r *Result) verdicts() []probes.Finding {
	out := make([]probes.Finding, len(r.Findings))
	for i, f := range r.Findings {
		out[i] = probes.Finding{ID: f.ID, Host: f.Host, Level: f.Level, Status: f.Status, Cause: f.Cause, Waived: f.Waived}
		for _, g := range f.AskedBy {
			out[i].AskedBy = append(out[i].AskedBy, probes.Source{Guide: g})
		}
	}
	return out
}
