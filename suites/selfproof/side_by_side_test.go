package selfproof_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// compared are the flaws that testssl.sh is shown as well, each the commonest of its kind.
var compared = []string{
	"missing-intermediate", "wrong-intermediate", "untrusted-root", "self-signed", "expired", "expired-intermediate",
	"wrong-name", "name-constraints", "weak-key", "weak-signature", "revoked", "leaf-not-first",
}

// about are the questions of testssl.sh that concern the requirements of trust.
var about = []string{
	"cert_trust", "cert_chain_of_trust", "cert_expirationStatus", "cert_signatureAlgorithm", "cert_keySize", "cert_ocspRevoked",
	"cert_crlRevoked", "certs_list_ordering_problem", "intermediate_cert_expiration", "intermediate_cert_notAfter", "scanProblem",
}

// testsslSays is what testssl.sh objects to, or what it says instead of an answer.
func testsslSays(ctx context.Context, program string, fake *fakehalo.Server) (string, error) {
	dir, err := os.MkdirTemp("", "testssl")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "said.json")
	command := exec.CommandContext(ctx, program, "-S", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1",
		"--add-ca", fake.CAFile, "--jsonfile", file, strings.TrimPrefix(fake.URL, "https://"))
	out, _ := command.CombinedOutput() // it exits with the number of what it dislikes
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("no answer of testssl.sh: %w: %s", err, out)
	}
	var findings []struct{ ID, Severity, Finding string }
	if err := json.Unmarshal(raw, &findings); err != nil {
		return "", err
	}
	var said []string
	for _, f := range findings {
		for _, id := range about {
			// One certificate of several has its number appended.
			if strings.HasPrefix(f.ID, id) && f.Severity != "OK" && f.Severity != "INFO" {
				said = append(said, fmt.Sprintf("%s: %s", f.ID, strings.Join(strings.Fields(f.Finding), " ")))
			}
		}
	}
	if len(said) == 0 {
		return "(nothing)", nil
	}
	return strings.Join(said, "; "), nil
}

// testssl.sh takes seconds for each server, so it is asked only where somebody wants to see: `make side-by-side`.
var _ = Describe("side by side with testssl.sh", Label("side-by-side"), Ordered, func() {
	var program string
	var table strings.Builder

	BeforeAll(func() {
		if os.Getenv("HALOCHECK_SIDE_BY_SIDE") == "" {
			Skip("make side-by-side runs it; it takes minutes")
		}
		var err error
		if program, err = exec.LookPath("testssl"); err != nil {
			Skip("testssl.sh is not installed (Debian's testssl.sh has it)")
		}
	})

	AfterAll(func() {
		if table.Len() > 0 {
			AddReportEntry("flaw, halocheck, testssl.sh", table.String())
			GinkgoWriter.Print(table.String())
		}
	})

	for _, fault := range compared {
		It(fault, func(ctx SpecContext) {
			faults, err := fakehalo.Named(fault)
			Expect(err).NotTo(HaveOccurred())
			fake := start(faults[0].Name)
			said, err := testsslSays(ctx, program, fake)
			Expect(err).NotTo(HaveOccurred())
			var ours []string
			for _, f := range check(session(fake)) {
				if f.Area == "trust" && f.Level == probes.Must && f.Status == probes.Failed {
					ours = append(ours, fmt.Sprintf("%s %s", f.ID, f.Cause))
				}
			}
			fmt.Fprintf(&table, "%-22s %-44s %s\n", fault, strings.Join(ours, "; "), said)
			Expect(ours).To(Equal([]string{faults[0].Requirement + " " + faults[0].Cause}))
		}, NodeTimeout(20*time.Minute))
	}
})
