package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// TestTasksAreOneRule: a recommendation that nobody could check and a deviation that somebody accepted give nobody a task, in
// every format that people or CI runners show; JSON keeps everything.
func TestTasksAreOneRule(t *testing.T) {
	accepted := finding("trust.tidy", probes.Should, probes.Failed, probes.WrongOrder, "another order")
	accepted.Waived = &probes.Waiver{Reason: "soon", Owner: "J. Doe"}
	r := made(finding("trust.renewal", probes.Should, probes.Unknown, probes.NotObserved, "unread"), accepted,
		finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "one was sent"))
	for _, format := range []string{"text", "short", "markdown", "html", "junit", "csv", "json", "annotations"} {
		for _, o := range []report.Options{{}, {Verbose: true}, {Audience: report.Customer}} {
			got := fmt.Sprint(report.Annotations(r))
			if format != "annotations" {
				got = written(t, format, r, o)
			}
			if !strings.Contains(got, "Mend trust.chain") {
				t.Errorf("%s, %+v: nothing to do about a Must", format, o)
			}
			for _, idle := range []string{"Mend trust.renewal", "Mend trust.tidy"} {
				if strings.Contains(got, idle) != (format == "json") {
					t.Errorf("%s, %+v: %s", format, o, idle)
				}
			}
		}
	}
}

// TestUnneeded: a recommendation that could not be checked is told as that, and is no open question in any format.
func TestUnneeded(t *testing.T) {
	name := probes.Finding{ID: "application.name", Area: "application", Level: probes.May, Status: probes.Unknown, Cause: probes.NotObserved,
		Says: "The application has the name that the guide gives it.", Because: "GET /Application answered status 403", Remedy: &probes.Remedy{Who: probes.HaloAdmin, Do: "Look at its name."}}
	open := probes.Finding{ID: "network.allowlist", Area: "network", Level: probes.Must, Status: probes.Unknown, Cause: probes.UnrestrictedHere,
		Says: "The firewall allows the vendor's addresses.", Because: "this machine gets in", Remedy: &probes.Remedy{Who: probes.Operator, Do: "Ask the customer."}}
	r := made(open, name)
	for format, want := range map[string]string{
		"text":     "  – Not checked: the application has the name that the guide gives it\n    (application.name, recommended)\n",
		"short":    "\nNot checked, recommended only: application.name\n",
		"markdown": "\nNot checked, recommended only: application.name\n",
		"html":     `<li class="finding not-checked" id="application.name" data-status="not-checked"`,
	} {
		got := written(t, format, r, report.Options{})
		if !strings.Contains(got, want) {
			t.Errorf("%s says\n%s\nwithout %q", format, got, want)
		}
		if strings.Contains(got, "could not confirm that the application") || strings.Contains(got, "2 unknown") {
			t.Errorf("%s tells an open question:\n%s", format, got)
		}
	}
	if got := written(t, "text", r, report.Options{Quiet: true}); strings.Contains(got, "Not checked") {
		t.Errorf("quiet says\n%s", got)
	}
	if got := written(t, "short", r, report.Options{}); !strings.Contains(got, ": 0 passed, 1 unknown, 1 recommendation not checked;") {
		t.Errorf("counts: %s", got)
	}
	name.Because, open.Because = "too slow", "too slow"
	if got := written(t, "text", made(name, open), report.Options{}); !strings.Contains(got, "? We could not confirm that the firewall") || strings.Contains(got, "Not checked:") {
		t.Errorf("a reason that is shared is not told by the Must:\n%s", got)
	}
}
