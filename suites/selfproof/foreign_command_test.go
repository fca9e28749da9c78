package selfproof_test

import (
	"bytes"
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

	"github.com/halocheck/halocheck/internal/checklist"
	"github.com/halocheck/halocheck/internal/diff"
	reports "github.com/halocheck/halocheck/internal/report"
)

// commandRun runs the command in a folder and keeps what it writes anywhere.
type commandRun struct {
	binary, folder string
	wrote          map[string]string // by format and what was run
}

// run runs it and expects one of the exit codes; format is that of standard output.
func (c *commandRun) run(ctx context.Context, format string, exits []int, args ...string) {
	GinkgoHelper()
	ctx, stop := context.WithTimeout(ctx, time.Minute) // a hang bound
	defer stop()
	command := exec.CommandContext(ctx, c.binary, args...)
	var out, errs bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = c.folder, &out, &errs
	command.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY="+filepath.Join(c.folder, "summary.md"))
	_ = command.Run()
	what := fmt.Sprintf("%d %q", len(c.wrote), args)
	Expect(command.ProcessState.ExitCode()).To(BeElementOf(exits), "%s: %s", what, errs.String())
	c.wrote[format+" of "+what] = out.String()
	c.wrote["text of standard error of "+what] = errs.String()
}

// expectText looks through everything that was written, each as it is read.
func (c *commandRun) expectText() {
	GinkgoHelper()
	formats := map[string]string{".txt": "text", ".short": "short", ".json": "json", ".jsonl": "text", ".xml": "junit", ".html": "html", ".md": "markdown", ".prom": "metrics", ".yaml": "text"}
	for name, text := range everything(c.folder) {
		if format := formats[filepath.Ext(name)]; format != "" && !strings.Contains(name, "given") {
			_, text, _ = strings.Cut(text, "\n") // its own name
			if strings.Contains(name, "!") {
				text = everything(c.folder)[name]
			}
			c.wrote[format+" of "+name] = text
		}
	}
	for what, text := range c.wrote {
		format, _, _ := strings.Cut(what, " ")
		text = ownColour.ReplaceAllString(text, "")
		problems := textProblems(format, text, text)
		if format != "github" {
			problems = append(problems, runnerProblems(text)...)
		}
		if len(problems) > 0 {
			Expect(problems[:min(len(problems), 5)]).To(BeEmpty(), what)
		}
	}
}

// speech says foreign parts in turn, a few at a time, so that every place gets every part in some run.
func speech(from int) func() string {
	return func() string {
		var said []string
		for range 5 {
			said = append(said, foreignParts[from%len(foreignParts)])
			from++
		}
		return strings.Join(said, []string{"", " "}[from%2]) + "fx"
	}
}

var _ = Describe("text of others", Label("canary", "text"), Ordered, ContinueOnFailure, func() {
	var binary string
	BeforeAll(func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary = built(ctx)
	})

	for n, mode := range talkerModes {
		It("is text on every stream and in every file: a server that "+mode, func(ctx SpecContext) {
			say := speech(n * 7)
			server := newTalker(mode, say)
			given := server.fake.Credentials
			c := &commandRun{binary, GinkgoT().TempDir(), map[string]string{}}
			connect := []string{
				server.URL, "--auth-url", server.URL + "/auth/", "--client-id", given.ClientID, "--client-secret-file", "given.secret", "--ca-file", server.caFile,
				"--tenant", given.Tenant, "--aia", "private", "--timeout", "20s",
			}
			guide, err := os.ReadFile("../../probes/guide/library/mspcentric.yaml")
			Expect(err).NotTo(HaveOccurred())
			quoted := func() string { raw, _ := json.Marshal(strings.ToValidUTF8(say(), "")); return string(raw) }
			for _, line := range []string{"name: MSPCentric", "source: HaloPSA Integration Guide", `section: Create Role`, "label: API-only agent"} {
				key, _, _ := strings.Cut(line, ": ")
				guide = bytes.ReplaceAll(guide, []byte(line), []byte(key+": "+quoted()))
			}
			for name, text := range map[string]string{
				"given.secret": given.ClientSecret, "given.guide": string(guide),
				"given.waive": fmt.Sprintf("- {id: trust.tidy, reason: %s, owner: %s}\n- {id: agent.username, reason: %s, owner: %s}\n", quoted(), quoted(), quoted(), quoted()),
				"given.fleet": fmt.Sprintf("defaults: {labels: {region: %s}}\ninstances:\n  - {name: one, url: %q, auth-url: %q, tenant: %q, client-id: %q, client-secret: \"file:given.secret\", ca-file: %q, team: [%s], attest: [%s]}\n",
					quoted(), server.URL, server.URL+"/auth/", given.Tenant, given.ClientID, server.caFile, quoted(), strings.Replace(quoted(), `"`, `"network.allowlist=`, 1)),
			} {
				Expect(os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600)).To(Succeed())
			}
			unjudged := []int{0, 1, 3}
			typed := []string{"--team", strings.ReplaceAll(say(), "\x00", ""), "--attest", "network.allowlist=" + strings.ReplaceAll(say(), "\x00", ""), "--waive", "given.waive"}
			outs := []string{"--out", "bundle=a.zip"}
			for _, format := range reports.Formats {
				outs = append(outs, "--out", format+"=r."+map[string]string{"text": "txt", "markdown": "md", "junit": "xml"}[format])
				if strings.HasSuffix(outs[len(outs)-1], ".") {
					outs[len(outs)-1] += format
				}
			}
			c.run(ctx, "text", unjudged, append(append([]string{"check", "--verbose"}, connect...), append(typed, outs...)...)...)
			c.run(ctx, "text", unjudged, append(append([]string{"check", "--color", "always", "--guide", "given.guide"}, connect...), typed...)...)
			c.run(ctx, "markdown", unjudged, append([]string{"check", "--quiet", "--format", "markdown", "--audience", "customer"}, connect...)...)
			for _, format := range reports.Formats {
				c.run(ctx, format, unjudged, "judge", "r.json", "--format", format)
			}
			for _, format := range diff.Formats {
				c.run(ctx, format, unjudged, "diff", "../"+filepath.Base(c.folder)+"/a.zip", "r.json", "--format", format)
				c.run(ctx, format, unjudged, "diff", healthyReport(), "r.json", "--format", format)
			}
			c.run(ctx, "text", unjudged, "fleet", "given.fleet", "--results", "f.jsonl", "--reports", "reports", "--metrics", "f.prom", "--out", "html=f.html", "--out", "json=f.json", "--out", "text=f.txt")
			c.run(ctx, "json", unjudged, "fleet", "merge", "f.jsonl", "--against", "f.jsonl", "--results", "m.jsonl", "--metrics", "m.prom", "--out", "html=m.html", "--format", "json")
			c.run(ctx, "text", []int{0, 3, 4}, append([]string{"record", server.URL, "recorded"}, connect[1:]...)...)
			for _, format := range []string{"text", "json", "markdown"} {
				c.run(ctx, format, []int{0}, "list", "--guide", "given.guide", "--format", format)
			}
			for _, format := range checklist.Formats {
				c.run(ctx, format, []int{0}, "guide", "show", "given.guide", "--format", format)
			}
			c.run(ctx, "short", []int{0}, "guide", "diff", "mspcentric", "given.guide")
			c.run(ctx, "text", []int{0}, "guide", "lint", "given.guide")
			c.run(ctx, "github", unjudged, "judge", "r.json", "--format", "github")
			c.run(ctx, "text", []int{0}, "explain", "agent.api-only", "--guide", "given.guide")
			c.expectText()
		}, SpecTimeout(5*time.Minute))
	}
})

// healthyReport is a report that was saved.
func healthyReport() string {
	GinkgoHelper()
	name, err := filepath.Abs("../../fixtures/reports/v1-healthy.json")
	Expect(err).NotTo(HaveOccurred())
	return name
}
