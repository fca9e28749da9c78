package independent_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// judgeAgain holds that the saved evidence of a check says the same.
func judgeAgain(t *testing.T, session *probes.Session, o outcome) {
	t.Helper()
	r := must(report.New(session, "test", o.findings, time.Now(), o.took))
	var saved bytes.Buffer
	if err := report.Write(&saved, "json", r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	again := must(halocheck.Judge(context.Background(), must(halocheck.Read(saved.Bytes()))))
	said := map[string]string{}
	for _, f := range again.Findings {
		said[f.ID+" "+f.Host] = verdict(f) + f.BlockedBy
	}
	for _, f := range o.findings {
		if key := f.ID + " " + f.Host; said[key] != verdict(f)+f.BlockedBy {
			t.Errorf("judged again: %s is %q and was %q", key, said[key], fmt.Sprint(verdict(f), f.BlockedBy))
		}
	}
	if again.Outcome != o.summary.Outcome {
		t.Errorf("judged again: %s, and was %s", again.Outcome, o.summary.Outcome)
	}
}
