package halocheck_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/suites/faketarget"
)

func parsed(t *testing.T, text string) *guide.Guide {
	t.Helper()
	g, err := guide.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

const (
	reader = "name: Reader\nlogin: {auth_url: {trailing_slash: must not}}\napplication:\n  scopes: [{name: 'read:customers'}, {name: 'read:tickets'}]\nrole:\n  levels: [{id: tickets-level, feature: tickets, at_least: Read Only, section: Reader's page}]\n"
	assets = "name: Assets\napplication:\n  scopes: [{name: 'read:assets'}, {name: 'read:customers'}]\nrole:\n  levels: [{id: tickets-level, feature: tickets, at_least: Read and Modify}, {id: assets-level, feature: assets, at_least: Read Only}]\n"
)

// TestSeveralGuides holds that one run judges an instance by several guides: it asks little more than for one, and each finding
// names the guides that ask for it. What one guide alone asks for decides about that one alone.
func TestSeveralGuides(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	one, err := halocheck.Run(t.Context(), target, opts...)
	if err != nil {
		t.Fatal(err)
	}
	guides := halocheck.WithGuides(guide.BuiltIn(), parsed(t, reader), parsed(t, assets))
	r, err := halocheck.Run(t.Context(), target, append(opts, guides)...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests*2 > one.Requests*3 {
		t.Errorf("%d requests for three guides, %d for one", r.Requests, one.Requests)
	}
	got := map[string]halocheck.Outcome{}
	for _, g := range r.Guides {
		got[g.Name] = g.Outcome
	}
	want := map[string]halocheck.Outcome{"MSPCentric": halocheck.Conformant, "Reader": halocheck.NotConformant, "Assets": halocheck.NotConformant}
	if diff := cmp.Diff(want, got); diff != "" || r.Outcome != halocheck.NotConformant {
		t.Error(r.Outcome, diff)
	}
	if diff := cmp.Diff([]string{"application.scope-read-assets", "role.assets-level"}, r.Guides[2].RootCauses); diff != "" {
		t.Error(diff)
	}
	verdicts := map[string][]string{}
	for _, f := range r.Findings {
		verdicts[f.ID] = append(verdicts[f.ID], string(f.Status)+" "+strings.Join(f.Guides(), ", "))
	}
	for id, want := range map[string][]string{
		"trust.chain":                      {"pass "},
		"login.auth-url-slash":             {"pass MSPCentric", "fail Reader"},
		"role.tickets-level":               {"pass MSPCentric, Assets", "pass Reader"},
		"role.assets-level":                {"fail Assets"},
		"application.scope-read-customers": {"pass MSPCentric, Reader, Assets"},
	} {
		if diff := cmp.Diff(want, verdicts[id]); diff != "" {
			t.Error(id, diff)
		}
	}
	if len(r.Contradictions) != 1 || r.Contradictions[0].ID != "login.auth-url-slash" || len(r.Contradictions[0].Sides) != 2 {
		t.Errorf("%+v", r.Contradictions)
	}
	typed := map[string]string{}
	for _, g := range r.Guides {
		for _, f := range g.Fields {
			if f.Field == "Authorization Server" {
				typed[g.Name] = strings.TrimPrefix(f.Value, target.URL)
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"MSPCentric": "/auth/", "Reader": "/auth", "Assets": "/auth"}, typed); diff != "" {
		t.Error(diff)
	}
	for _, format := range []string{"text", "short", "markdown", "junit", "html"} {
		var b bytes.Buffer
		if err := halocheck.Write(&b, r, format); err != nil || !strings.Contains(b.String(), "Assets") {
			t.Errorf("%s does not name a guide: %v", format, err)
		}
	}
	judgedAgain(t, r)
}

// TestPartialGuide holds that nothing is called conformant by a guide that could be read in part alone.
func TestPartialGuide(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	partial := parsed(t, "name: Part\nconfidence: partial\napplication:\n  scopes: [{name: 'read:customers'}]\n")
	for _, guides := range [][]*guide.Guide{{partial}, {partial, guide.BuiltIn()}} {
		r, err := halocheck.Run(t.Context(), target, append(opts, halocheck.WithGuides(guides...))...)
		if err != nil || r.Outcome != halocheck.Incomplete || r.Exit != probes.ExitIncomplete || r.Counts["fail"] != 0 {
			t.Errorf("%v, %v", r, err)
		}
		judgedAgain(t, r)
	}
}

// judgedAgain holds that a saved report of several guides is judged by the same ones.
func judgedAgain(t *testing.T, r *halocheck.Report) {
	t.Helper()
	var saved bytes.Buffer
	if err := halocheck.Write(&saved, r, "json"); err != nil {
		t.Fatal(err)
	}
	old, err := halocheck.Read(saved.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	again, err := halocheck.Judge(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(old.Findings, again.Findings, cmpopts.IgnoreUnexported(halocheck.Finding{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(old.Guides, again.Guides); diff != "" {
		t.Error(diff)
	}
}

// TestPlan holds that a planned guide is judged and does not count.
func TestPlan(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	r, err := halocheck.Run(t.Context(), target, append(opts, halocheck.WithPlan(parsed(t, assets)))...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome != halocheck.Conformant || r.Exit != probes.ExitConformant || r.Guides[1].Outcome != halocheck.NotConformant || !r.Guides[1].Planned {
		t.Errorf("%s, exit %d, %+v", r.Outcome, r.Exit, r.Guides[1])
	}
	judgedAgain(t, r)
}

func TestGuidesThatCannotBeToldApart(t *testing.T) {
	err := halocheck.Validate(t.Context(), halocheck.Target{URL: "https://a.example"}, halocheck.WithGuides(parsed(t, reader), parsed(t, reader)))
	if err == nil || err.Error() != `halocheck: guide: the guide "Reader" is named twice` {
		t.Error(err)
	}
}

// TestGuideWithoutScopes: a guide that names neither scopes nor access levels asks for a token that opens nothing, which is no fault of
// the login type.
func TestGuideWithoutScopes(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	target, opts, err := faketarget.Of(server)
	if err != nil {
		t.Fatal(err)
	}
	plain := halocheck.WithGuides(parsed(t, "name: Plain\nagent: {api_only: {value: 'yes'}}\n"))
	r, err := halocheck.Run(t.Context(), target, append(opts, plain)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.ID == "login.login-type" && f.Status != probes.Unknown || f.Level == probes.Must && f.Status == probes.Failed {
			t.Errorf("%s: %s %s, %s", f.ID, f.Status, f.Cause, f.Because)
		}
	}
}
