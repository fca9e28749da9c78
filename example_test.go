package halocheck_test

import (
	"context"
	"fmt"
	"os"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// A vendor's "Test connection" button: what has to be fixed first, and by whom.
func ExampleRun() {
	fault, _ := fakehalo.Named("wrong-secret")
	server := fakehalo.Start(fault...) // stands in for a customer's instance
	defer server.Close()
	target, opts, _ := faketarget.Of(server)

	report, err := halocheck.Run(context.Background(), target, opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Outcome, report.RootCauses)
	// Output: not-conformant [login.token]
}

// Findings as they become known.
func ExampleCheck() {
	server := fakehalo.Start()
	defer server.Close()
	target, opts, _ := faketarget.Of(server)

	for finding, err := range halocheck.Check(context.Background(), target, append(opts, halocheck.WithOnly("login.t*"))...) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(finding.ID, finding.Status)
	}
	// Output: login.token pass
}

// A saved report is judged again without asking anything.
func ExampleJudge() {
	data, _ := os.ReadFile("fixtures/reports/v1-missing-intermediate.json")
	saved, err := halocheck.Read(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	today, err := halocheck.Judge(context.Background(), saved)
	fmt.Println(today.RootCauses, err)
	// Output: [trust.chain] <nil>
}

func ExampleRequirements() {
	requirements, err := halocheck.Requirements(halocheck.WithOnly("network.*"))
	for _, r := range requirements {
		fmt.Println(r.ID, r.Level)
	}
	fmt.Println(err)
	// Output:
	// network.resolves must
	// network.reachable must
	// network.allowlist must
	// <nil>
}
