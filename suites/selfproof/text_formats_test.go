package selfproof_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/internal/checklist"
	"github.com/halocheck/halocheck/internal/diff"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// finding is one that was saved.
func finding(id string, status probes.Status, cause probes.Cause, because string) probes.Finding {
	area, _, _ := strings.Cut(id, ".")
	return probes.Finding{ID: id, Area: area, Level: probes.Must, Profile: "all", Status: status, Says: "It holds.", Because: because, Cause: cause}
}

// withForeignText puts text into every place of a report that a server, a certificate or a file can write to. What the schema
// settles, such as an ID or a status, is refused when a report is read.
func withForeignText(text func() string) *reports.Report {
	failed := finding("trust.chain", probes.Failed, probes.MissingIntermediate, text())
	failed.Says, failed.Host, failed.Evidence = text(), text(), "trust.chain"
	failed.Remedy = &probes.Remedy{Who: probes.NetworkAdmin, Do: text(), Where: text()}
	failed.Source = probes.Source{Section: text(), Item: text(), Label: text()}
	unknown := finding("login.token", probes.Unknown, probes.Cause(text()), text())
	unknown.Host, unknown.Says = "other.example", text()
	labelled := finding("role.items-level", probes.Failed, probes.LevelTooLow, text())
	labelled.Source.Label = text()
	unmet := finding("role.invoices-level", probes.Failed, probes.Cause(text()), text())
	unmet.Says = text()
	waived := finding("login.auth-url-slash", probes.Failed, probes.Cause(text()), text())
	waived.Waived = &probes.Waiver{Reason: text(), Owner: text(), Until: text()}
	vouched := finding("network.allowlist", probes.Passed, probes.OK, text())
	vouched.Attested = text()
	ended := finding("role.add-tickets", probes.Passed, probes.OK, text())
	ended.WaiverUnneeded = &probes.Waiver{Reason: text(), Owner: text()}
	waits := finding("login.login-type", probes.Blocked, "", text())
	waits.BlockedBy = "login.token"
	r := &reports.Report{
		Schema: reports.Schema, Target: reports.Target{Hosting: probes.Hosted}, Guide: reports.Guide{Profiles: []string{"billing"}},
		Started: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), TookMS: 1500, Requests: 6,
		Findings: []probes.Finding{failed, unknown, labelled, unmet, waived, vouched, ended, waits},
	}
	r.Sum()
	r.Target.URL, r.Target.AuthURL, r.Target.Tenant = text(), text(), text()
	r.Guide.Name, r.Guide.Edition, r.Tool.Version, r.Only = text(), text(), text(), []string{text()}
	answer, _ := json.Marshal(map[string]any{
		"sent": []any{map[string]any{"subject": text(), "issuer": text(), "sha256": "ab", "from": text(), "key": text()}}, "fixed": text(),
	})
	r.Evidence = map[string]json.RawMessage{"trust.chain": answer}
	return r
}

// looks are the ways in which a report can be written.
var looks = []reports.Options{{}, {Verbose: true}, {Quiet: true}, {Verbose: true, Width: 24}, {Verbose: true, Colour: true, Width: 60}, {Audience: reports.Customer}}

// fleetOf is the summary of a fleet of one with that report, against an earlier run.
func fleetOf(t *testing.T, text func() string, r *reports.Report) summary.Summary {
	t.Helper()
	before, err := fleet.ReadBaseline(t.Context(), emptyResults(t))
	if err != nil {
		t.Fatal(err)
	}
	all := summary.New(1, before, append(summary.Formats, summary.Metrics)...)
	result := fleet.ResultOf(fleet.Instance{Name: "acme", Labels: map[string]string{"region": text()}}, r)
	result.Certificates = []fleet.Certificate{{Host: text(), NotAfter: r.Started}}
	all.Add(result)
	return all.Summary(summary.Run{Version: text(), Shard: fleet.Unsharded, Names: []string{"acme", "late"}, Stopped: text()})
}

// askedFor is a guide with text wherever it takes some.
func askedFor(t *testing.T, text func() string) *guide.Guide {
	t.Helper()
	raw, err := json.Marshal(guide.ByName("mspcentric"))
	if err != nil {
		t.Fatal(err)
	}
	g := new(guide.Guide)
	if err := json.Unmarshal(raw, g); err != nil {
		t.Fatal(err)
	}
	g.Name, g.Vendor, g.Edition, g.AsOf, g.AfterChange = text(), text(), text(), text(), text()
	g.Gaps, g.Faults, g.Sources = []string{text(), text()}, []string{text()}, []guide.Page{{Title: text(), URL: text()}}
	g.Login.LoginType.Label, g.Login.LoginType.Note, g.Application.Name.Value, g.Application.Name.Note = text(), text(), text(), text()
	return g
}

// emptyResults is a results file without results.
func emptyResults(t *testing.T) string {
	t.Helper()
	name := t.TempDir() + "/before.jsonl"
	f, err := fleet.CreateResults(name, fleet.Run{Shard: fleet.Unsharded, Names: []string{}})
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// output is one way in which something is written.
type output struct {
	what, format string
	write        func(io.Writer) error
}

// outputsOf are all ways in which a report is written, alone and as one of a fleet and in comparison: each format that there
// is, at each verbosity and width.
func outputsOf(t *testing.T, text func() string) (all []output) {
	r := withForeignText(text)
	for _, format := range reports.Formats {
		for i, o := range looks {
			if i > 0 && format != "text" && format != "markdown" && o.Audience == "" {
				continue // it has one look
			}
			all = append(all, output{fmt.Sprintf("report %+v", o), format, func(w io.Writer) error { return reports.Write(w, format, r, o) }})
		}
	}
	healthy := *r
	healthy.Findings = []probes.Finding{finding("trust.chain", probes.Passed, probes.OK, text())}
	for _, format := range diff.Formats {
		all = append(all, output{"diff", format, func(w io.Writer) error { return diff.Compare(&healthy, r).Write(w, format) }})
	}
	sum, file := fleetOf(t, text, r), text()
	for _, format := range append(summary.Formats, summary.Metrics) {
		all = append(all, output{"fleet", format, func(w io.Writer) error { return sum.Write(w, format, file) }})
	}
	asked := askedFor(t, text)
	for _, format := range checklist.Formats {
		all = append(all, output{"checklist", format, func(w io.Writer) error { return checklist.Of(asked).Write(w, format) }})
	}
	all = append(all, output{"checklists", "markdown", func(w io.Writer) error {
		return checklist.Together([]*guide.Guide{guide.ByName("hudu"), asked}).Write(w, "markdown")
	}})
	meta := probes.Meta{
		ID: "trust.chain", Level: probes.Must, Says: text(), Source: probes.Source{Section: text(), Item: text(), Label: text()},
		Remedy: probes.Remedy{Who: probes.Vendor, Do: text(), Where: text()}, Asks: text(),
	}
	for _, format := range []string{"text", "json", "markdown"} {
		all = append(all, output{"list", format, func(w io.Writer) error { return reports.ListRequirements(w, format, []probes.Meta{meta}) }})
	}
	return append(all, output{"explain", "text", func(w io.Writer) error { _, err := io.WriteString(w, reports.ExplainRequirement(meta)); return err }})
}

// TestForeignTextIsText: in no format, at no verbosity and width, can a terminal, a browser, Markdown, a parser of JUnit,
// OpenMetrics or CSV, or a CI runner tell foreign text from text.
func TestForeignTextIsText(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine writes")
	}
	words := 0
	plain := outputsOf(t, func() string { words++; return fmt.Sprintf("word%d", words) })
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		for i, out := range outputsOf(outer, func() string { n++; return fmt.Sprintf("%sword%d", foreign().Draw(t, fmt.Sprint(n)), n) }) {
			var text, same strings.Builder
			if err := errors.Join(out.write(&text), plain[i].write(&same)); err != nil {
				t.Fatal(err)
			}
			if problems := textProblems(out.format, ownColour.ReplaceAllString(text.String(), ""), same.String()); len(problems) > 0 {
				t.Fatalf("%s as %s: %q", out.what, out.format, problems)
			}
		}
	})
}

// TestForeignTextSurvivesJSON: what is made harmless for a reader is for a program what was said.
func TestForeignTextSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		r := withForeignText(func() string { n++; return foreign().Draw(t, fmt.Sprint(n)) })
		var text strings.Builder
		var got, want any
		raw, err := json.Marshal(r)
		if err := errors.Join(err, reports.JSON(&text, r)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(json.Unmarshal([]byte(text.String()), &got), json.Unmarshal(raw, &want)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("a value did not survive: %v %s", err, cmp.Diff(want, got))
		}
	})
}
