package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// finding is a finding with the fields that every one has.
func finding(id string, level probes.Level, status probes.Status, cause probes.Cause, because string) probes.Finding {
	area, _, _ := strings.Cut(id, ".")
	f := probes.Finding{ID: id, Area: area, Level: level, Profile: "all", Status: status, Says: "It holds for " + id + ".", Because: because, Cause: cause}
	if status == probes.Failed || status == probes.Unknown {
		f.Remedy = &probes.Remedy{Who: probes.NetworkAdmin, Do: "Mend " + id + ".", Where: "Here > There"}
		f.Source = probes.Source{Section: "Requirements", Item: "1", Label: "A Label"}
	}
	return f
}

// blocked is a finding that waits for another.
func blocked(id, by string) probes.Finding {
	f := finding(id, probes.Must, probes.Blocked, "", by+" has to hold first")
	f.BlockedBy = by
	return f
}

func made(findings ...probes.Finding) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Version: "1.0"},
		Target:  report.Target{URL: "https://acme.halopsa.com", Hosting: probes.Hosted},
		Guide:   report.Guide{Name: "G", Edition: "E", Profiles: []string{"billing", "alerts"}},
		Started: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), TookMS: 1500, Requests: 6,
		Findings: findings, Evidence: map[string]json.RawMessage{"trust.chain": json.RawMessage(`{"n":1}`)},
	}
	r.Sum()
	return r
}

// sample has one finding of every kind.
func sample() *report.Report {
	waived := finding("login.auth-url-slash", probes.Must, probes.Failed, probes.NoTrailingSlash, "no slash")
	waived.Waived = &probes.Waiver{Reason: "soon", Owner: "J. Doe", Until: "2027-01-31"}
	vouched := finding("network.allowlist", probes.Must, probes.Passed, probes.OK, "not seen from here")
	vouched.Attested = "read in the firewall"
	skipped := finding("trust.tidy", probes.Should, probes.Skipped, "", "skipped on request")
	return made(
		finding("network.resolves", probes.Must, probes.Passed, probes.OK, "192.0.2.1"), vouched,
		finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "one certificate was sent"),
		blocked("trust.consistent", "trust.chain"), skipped,
		finding("trust.renewal", probes.Should, probes.Failed, probes.NearExpiry, "5 days left"),
		finding("product.version", probes.Must, probes.Unknown, probes.VersionHidden, "told nowhere"),
		finding("product.tenant", probes.Must, probes.NotApplicable, "", "none was typed"),
		waived, blocked("login.token", "trust.chain"),
		finding("login.agent", probes.Must, probes.Broken, "", "halocheck broke"),
	)
}

func written(t *testing.T, format string, r *report.Report, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	want := `halocheck 1.0  https://acme.halopsa.com  (hosted, guide G)

Network
  ✓ It holds for network.resolves
  ✓ It holds for network.allowlist
      vouched for: read in the firewall

Certificate
  ✗ The server does not send the intermediate certificate (trust.chain)
      seen   one certificate was sent
      do     Mend trust.chain.
      who    the customer's network administrator
      where  Here > There
      guide  Requirements, 1 ("A Label")
      cause  missing_intermediate
      2 more requirements wait for this
  ✗ The certificate ends soon (trust.renewal, recommended)
      seen   5 days left
      do     Mend trust.renewal.
      who    the customer's network administrator
      where  Here > There
      guide  Requirements, 1 ("A Label")
      cause  near_expiry

HaloPSA
  ? We could not confirm that it holds for product.version (product.version)
      seen   told nowhere
      do     Mend product.version.
      who    the customer's network administrator
      where  Here > There
      guide  Requirements, 1 ("A Label")
      cause  version_hidden

Login
  ✗ Accepted exception: The Authorization Server URL does not end in a slash
    (login.auth-url-slash)
      waived: soon (J. Doe, until 2027-01-31)
      seen   no slash
      guide  Requirements, 1 ("A Label")
      cause  no_trailing_slash
  ! halocheck broke before it could confirm that it holds for login.agent
    (login.agent)
      seen   halocheck broke

Fix first: trust.chain
Partial: only 10 requirements checked; this says nothing about the others.
NOT-CONFORMANT: 1 pass, 1 vouched for, 1 failed, 1 recommendation, 1 accepted
  exception, 1 unknown, 2 blocked, 1 broken, 1 not applicable, 1 skipped; 6
  requests in 1.5 s
--verbose lists what waits and what does not apply.
`
	if diff := cmp.Diff(want, written(t, "text", sample(), report.Options{})); diff != "" {
		t.Error(diff)
	}
}

func TestTextSaysWhatWaitsForARequirementThatIsNotShown(t *testing.T) {
	got := written(t, "text", made(blocked("login.token", "trust.chain"), blocked("login.agent", "trust.chain")), report.Options{})
	if !strings.Contains(got, "\nblocked until trust.chain holds: 2 requirements\n") {
		t.Error(got)
	}
}

func TestTextTellsOneReasonOnce(t *testing.T) {
	got := written(t, "text", made(
		finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "interrupted"),
		finding("login.agent", probes.Must, probes.Unknown, probes.NotObserved, "interrupted"),
		finding("agent.teams", probes.Must, probes.Unknown, probes.NotObserved, "interrupted")), report.Options{})
	if strings.Count(got, "interrupted") != 1 || !strings.Contains(got, "2 more could not be judged for the same reason: login.agent, agent.teams\n") || strings.Count(got, "?") != 1 {
		t.Error(got)
	}
}

func TestMissingCredentialsAreOneLine(t *testing.T) {
	r := made(finding("network.resolves", probes.Must, probes.Passed, probes.OK, "192.0.2.1"),
		finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given"),
		finding("agent.teams", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given"))
	const line = "2 requirements need credentials: --client-id, --client-secret-file"
	for _, format := range []string{"text", "short", "markdown"} {
		got := written(t, format, r, report.Options{})
		if strings.Count(got, "\n"+line+"\n") != 1 || strings.Contains(got, "agent.teams") || strings.Contains(got, "no credentials") {
			t.Errorf("%s: %s", format, got)
		}
		if got := written(t, format, r, report.Options{Quiet: true}); format != "markdown" && strings.Contains(got, "credentials") {
			t.Errorf("%s, quiet: %s", format, got)
		}
	}
}

func TestRecommendationsAreNoFails(t *testing.T) {
	got := written(t, "text", made(finding("network.resolves", probes.Must, probes.Passed, probes.OK, ""), finding("trust.renewal", probes.Should, probes.Failed, probes.NearExpiry, "5 days left")), report.Options{})
	if !strings.Contains(got, "\nCONFORMANT: 1 passed, 1 recommendation; ") {
		t.Error(got)
	}
}

func TestShortTellsTheRootCauseFirst(t *testing.T) {
	got := written(t, "short", made(
		finding("trust.tidy", probes.Should, probes.Failed, probes.ExtraCerts, "one too many"),
		finding("product.version", probes.Must, probes.Unknown, probes.VersionHidden, "told nowhere"),
		finding("login.token", probes.Must, probes.Failed, probes.InvalidClient, "status 401")), report.Options{})
	var ids []string
	for _, line := range strings.Split(got, "\n")[2:5] {
		ids = append(ids, strings.Fields(line)[1])
	}
	if !slices.Equal(ids, []string{"login.token", "product.version", "trust.tidy"}) {
		t.Error(got)
	}
}

func TestTextWrapsByDisplayWidth(t *testing.T) {
	f := finding("trust.chain", probes.Must, probes.Failed, probes.UntrustedRoot, strings.Repeat("証明書 発行者 überlang ", 20))
	for _, width := range []int{40, 80, 140} {
		for _, line := range strings.Split(written(t, "text", made(f), report.Options{Width: width}), "\n") {
			if got := ansi.StringWidth(line); got > width && !strings.HasPrefix(line, "halocheck ") {
				t.Errorf("width %d: %d columns: %s", width, got, line)
			}
		}
	}
}

func TestQuietAndVerbose(t *testing.T) {
	quiet := written(t, "text", sample(), report.Options{Quiet: true})
	if strings.Contains(quiet, "network.resolves") || !strings.Contains(quiet, "trust.chain") {
		t.Error(quiet)
	}
	verbose := written(t, "text", sample(), report.Options{Verbose: true})
	for _, want := range []string{"192.0.2.1", "It holds for trust.tidy (skipped)", "It holds for product.tenant (not-applicable)", "It holds for login.token (waits for trust.chain)"} {
		if !strings.Contains(verbose, want) {
			t.Errorf("%q is not in\n%s", want, verbose)
		}
	}
}

func TestShort(t *testing.T) {
	want := `https://acme.halopsa.com not-conformant: 1 pass, 1 vouched for, 1 failed, 1 recommendation, 1 accepted exception, 1 unknown, 2 blocked, 1 broken, 1 not applicable, 1 skipped; partial: only 10 requirements checked; halocheck 1.0, guide G, 2026-11-01 12:00 UTC
Fix first: trust.chain
fail trust.chain (must, missing_intermediate): The server does not send the intermediate certificate. Seen: one certificate was sent -> network-admin: Mend trust.chain.
unknown product.version (must, version_hidden): We could not confirm that it holds for product.version. Seen: told nowhere -> network-admin: Mend product.version.
broken login.agent (must, -): halocheck broke before it could confirm that it holds for login.agent. Seen: halocheck broke
fail trust.renewal (should, near_expiry): The certificate ends soon. Seen: 5 days left -> network-admin: Mend trust.renewal.
fail login.auth-url-slash (must, no_trailing_slash): Accepted exception: The Authorization Server URL does not end in a slash. Seen: no slash (waived: soon (J. Doe, until 2027-01-31))
blocked until trust.chain holds: 2 requirements
`
	if diff := cmp.Diff(want, written(t, "short", sample(), report.Options{})); diff != "" {
		t.Error(diff)
	}
}

// hostile is what a certificate or a server could put into a name: an escape sequence, a forged line, a turned direction,
// a sequence in one C1 character, something invisible, and bytes that are no text.
const hostile = "\x1b[2Jgone\r\nfail forged.line \u202etxet\u009b31m\u2028\ufeff\xff|*<b>"

func TestNoFormatObeysForeignText(t *testing.T) {
	f := finding("trust.name", probes.Must, probes.Failed, probes.NameMismatch, hostile)
	f.Says, f.Host, f.Remedy.Do, f.Source.Label = hostile, hostile, hostile, hostile
	r := made(f, blocked("login.token", hostile))
	r.Target.URL, r.Guide.Name = hostile, hostile
	for _, format := range append(slices.Clone(report.Formats), "customer") {
		o := report.Options{Verbose: true}
		if format == "customer" {
			format, o.Audience = "markdown", report.Customer
		}
		text := written(t, format, r, o)
		if strings.ContainsAny(text, "\x1b\r\u202e\u009b\u2028\ufeff") || !utf8.ValidString(text) {
			t.Errorf("%s obeys foreign text:\n%q", format, text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "fail forged.line") {
				t.Errorf("%s lets a name forge a line: %s", format, line)
			}
		}
		if format == "markdown" && strings.Contains(text, "<b>") {
			t.Errorf("markdown lets mark-up through:\n%s", text)
		}
	}
}

func TestJSONKeepsForeignText(t *testing.T) {
	f := finding("trust.name", probes.Must, probes.Failed, probes.NameMismatch, "\x1b\u202e\U000e0041\u009b")
	got, err := report.Read([]byte(written(t, "json", made(f), report.Options{})))
	if err != nil || got.Findings[0].Because != "\x1b\u202e\U000e0041\u009b" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.SchemaFile))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(r *report.Report) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, "json", r, report.Options{})))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	if err := valid(sample()); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]probes.Finding{
		"a pass with a cause":     finding("trust.chain", probes.Must, probes.Passed, probes.Expired, ""),
		"a fail without a cause":  finding("trust.chain", probes.Must, probes.Failed, "", ""),
		"an unknown status":       finding("trust.chain", probes.Must, "perhaps", probes.OK, ""),
		"an unknown area":         finding("weather.rain", probes.Must, probes.Passed, probes.OK, ""),
		"blocked by nobody":       finding("trust.chain", probes.Must, probes.Blocked, "", ""),
		"an ID that is none":      finding("trust", probes.Must, probes.Passed, probes.OK, ""),
		"a level of nobody's RFC": finding("trust.chain", "shall", probes.Passed, probes.OK, ""),
	} {
		if valid(made(f)) == nil {
			t.Errorf("the schema lets %s pass", name)
		}
	}
}

func TestJUnit(t *testing.T) {
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(written(t, "junit", sample(), report.Options{})), &suites); err != nil {
		t.Fatal(err)
	}
	// Failures: trust.chain. Errors: two blocked, one unknown, one broken. Skipped: a should, skipped, not applicable, waived.
	if suites.Tests != 11 || suites.Failures != 1 || suites.Errors != 4 || suites.Skipped != 4 {
		t.Errorf("%+v", suites)
	}
	if len(suites.Suites) != 4 || suites.Suites[1].Name != "trust" || suites.Suites[1].Cases[0].Name != "trust.chain" {
		t.Errorf("%+v", suites.Suites)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "not a report",
		"[]":                "not a report",
		`{"schema":"x/v9"}`: `its schema is "x/v9"`,
		`{"schema":"halocheck.report/v1","findings":[]}`: "no findings",
	} {
		if _, err := report.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}
