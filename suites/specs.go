// Package suites registers halocheck's conformance specs in a Ginkgo suite: one spec for each requirement of the guide.
package suites

import (
	"context"
	"fmt"
	"sync"

	"github.com/onsi/ginkgo/v2"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/probes"
)

// Specs registers one spec for each requirement that a check of target judges. It is called while a suite's tree is built,
// any number of times; the check runs once, when the first of its specs does. A Must that fails or is unknown fails its
// spec with the words of the finding; a should or may that does not hold skips it. The labels of a spec are the
// requirement's area, level and profile.
func Specs(target halocheck.Target, opts ...halocheck.Option) {
	requirements, err := halocheck.Requirements(opts...)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	ginkgo.Describe(target.URL, func() {
		findings := sync.OnceValues(func() (map[string][]halocheck.Finding, error) {
			return check(context.Background(), target, opts)
		})
		for _, requirement := range requirements {
			labels := ginkgo.Label(requirement.Area(), string(requirement.Level), requirement.Profile.Name())
			ginkgo.It(requirement.ID+": "+requirement.Says, labels, func() {
				found, err := findings()
				if err != nil {
					ginkgo.Fail(err.Error())
				}
				judge(requirement, found[requirement.ID])
			})
		}
	})
}

// check is the findings by requirement.
func check(ctx context.Context, target halocheck.Target, opts []halocheck.Option) (map[string][]halocheck.Finding, error) {
	found := map[string][]halocheck.Finding{}
	for f, err := range halocheck.Check(ctx, target, opts...) {
		if err != nil {
			return nil, err
		}
		found[f.ID] = append(found[f.ID], f)
	}
	return found, nil
}

// judge ends the spec of a requirement as its findings say, one for each host.
func judge(requirement probes.Meta, findings []halocheck.Finding) {
	if len(findings) == 0 {
		ginkgo.Fail("the check has no finding of " + requirement.ID)
	}
	for _, f := range findings {
		ginkgo.AddReportEntry(f.ID, Sentence(f))
		switch {
		case f.Status == probes.Passed || f.Status == probes.NotApplicable || f.Waived != nil:
		case f.Status == probes.Skipped:
			ginkgo.Skip(Sentence(f))
		case requirement.Level != probes.Must:
			ginkgo.Skip(Sentence(f))
		default: // an unknown Must is no pass: nobody has shown that it holds
			ginkgo.Fail(Sentence(f))
		}
	}
}

// Sentence is a finding in words: its status, what was seen, and what to do.
func Sentence(f halocheck.Finding) string {
	text := fmt.Sprintf("%s: %s (%s): %s", f.ID, f.Status, f.Cause, f.Because)
	if f.BlockedBy != "" {
		text = fmt.Sprintf("%s: %s by %s: %s", f.ID, f.Status, f.BlockedBy, f.Because)
	}
	if f.Host != "" {
		text += " [" + f.Host + "]"
	}
	if f.Remedy != nil {
		text += fmt.Sprintf("\n%s: %s", f.Remedy.Who, f.Remedy.Do)
		if f.Remedy.Where != "" {
			text += " (" + f.Remedy.Where + ")"
		}
	}
	return text
}
