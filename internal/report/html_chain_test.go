package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// drawn is the picture of a chain, a line for each certificate: its state, its role, its name, and what is wrong behind it.
func drawn(t *testing.T, answer string) (lines []string) {
	t.Helper()
	f := finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "")
	f.Evidence, f.Host = "trust.chain", "acme.example"
	r := made(f)
	r.Evidence = map[string]json.RawMessage{"trust.chain": json.RawMessage(answer)}
	for _, list := range []string{"chain", "beside"} {
		kind := map[string]string{"chain": "ol", "beside": "ul"}[list]
		for _, ol := range elements(parsed(t, r), kind, list) {
			for _, li := range elements(ol, "li", "") {
				line := attribute(li, "class")
				for _, part := range []struct{ kind, class string }{{"span", "role"}, {"b", "subject"}, {"span", "late"}, {"p", "note"}} {
					for _, e := range elements(li, part.kind, part.class) {
						line += " | " + words(e)
					}
				}
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func TestHTMLDrawsTheChain(t *testing.T) {
	cert := func(name, issuer string) string {
		return `{"der":"AA==","sha256":"` + name + `","subject":"` + name + `","issuer":"` + issuer + `","not_before":"2026-01-01T00:00:00Z","not_after":"2027-01-01T00:00:00Z"}`
	}
	leaf, ca, root, other := cert("leaf", "ca"), cert("ca", "root"), cert("root", "root"), cert("other", "root")
	for name, c := range map[string]struct {
		answer string
		want   []string
	}{
		"whole": {
			`{"now":"2026-11-01T00:00:00Z","sent":[` + leaf + `,` + ca + `,` + other + `],"path":[` + leaf + `,` + ca + `,` + root + `],"builds":true,"complete":true}`,
			[]string{"sent | The server's certificate | leaf", "sent | Intermediate | ca", "anchor | Root, trusted and not sent | root", "sent | other"},
		},
		"a link is missing": {
			`{"now":"2026-11-01T00:00:00Z","sent":[` + leaf + `],"path":[` + leaf + `],"cause":"missing_intermediate","missing":[` + ca + `],"complete":true}`,
			[]string{
				"sent broken | The server's certificate | leaf | ✗ The server does not send the intermediate certificate.",
				"missing | Missing | ca", "anchor | Root, trusted and not sent | root",
			},
		},
		"another was sent in its place": {
			`{"now":"2026-11-01T00:00:00Z","sent":[` + leaf + `,` + other + `],"path":[` + leaf + `],"cause":"wrong_intermediate","by":` + other + `,"missing":[` + ca + `],"complete":true}`,
			[]string{
				"sent broken | The server's certificate | leaf | ✗ The server sends the wrong intermediate certificate.",
				"wrong | Sent in its place | other", "missing | Missing | ca", "anchor | Root, trusted and not sent | root",
			},
		},
		"nobody knows the issuer, and it is out of date": {
			`{"now":"2027-11-01T00:00:00Z","sent":[` + leaf + `],"path":[` + leaf + `],"cause":"unknown_issuer"}`,
			[]string{
				"sent broken | The server's certificate | leaf | out of date | ✗ The issuer of the certificate is not known.",
				"gap | Not sent, and not known | ca",
			},
		},
		"the root is a private one": {
			`{"now":"2025-11-01T00:00:00Z","sent":[` + leaf + `,` + ca + `],"path":[` + leaf + `,` + ca + `],"at":1,"cause":"untrusted_root","missing":[` + root + `]}`,
			[]string{
				"sent | The server's certificate | leaf | not valid yet",
				"sent broken | Intermediate | ca | not valid yet | ✗ The certificate comes from an authority that the public does not trust.", "gap | Root, and not a trusted one | root | not valid yet",
			},
		},
		"it cannot be read": {
			`{"now":"2026-11-01T00:00:00Z","sent":[{"der":"AA==","sha256":"a","error":"malformed"}],"cause":"bad_certificate","broken":"b"}`,
			[]string{"wrong broken | The server's certificate | cannot be read: malformed | ✗ The server sends a certificate that cannot be read."},
		},
		"nothing was seen": {`null`, nil},
	} {
		if diff := cmp.Diff(c.want, drawn(t, c.answer)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestHTMLShortensLongEvidence(t *testing.T) {
	r := sample()
	r.Evidence = map[string]json.RawMessage{
		"a": json.RawMessage(`{"der":"` + strings.Repeat("A", 161) + `","n":12345678901234567890}`),
		"b": json.RawMessage(`["` + strings.Repeat(`é","`, 20000) + `"]`),
	}
	page := written(t, "html", r, report.Options{})
	for _, want := range []string{strings.Repeat("A", 80) + "… (161 characters)", "12345678901234567890", "… cut here; the JSON report has all of it"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if strings.Contains(page, strings.Repeat("A", 81)) || len(page) > 200_000 {
		t.Errorf("%d bytes", len(page))
	}
}
