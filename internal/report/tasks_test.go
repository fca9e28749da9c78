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
