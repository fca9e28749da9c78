package selfproof_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo/contract"
)

// provedClient is a client of others as `halocheck fake --contract` drives it: a command that reads a connection and prints how its job
// ended.
type provedClient struct {
	dir     string
	command []string
}

// proved are the clients by their names. Their folders are fetched once.
func proved() map[string]provedClient {
	GinkgoHelper()
	n8n := n8n()
	oauth := oauth4webapi()
	return map[string]provedClient{
		"n8n-nodes-base 1.121.53": {n8n, []string{"node", "run.cjs", "tickets"}},
		"oauth4webapi 3.8.8":      {oauth, []string{"node", "tickets.mjs"}},
	}
}

// once runs the client with a connection and gives what it printed; a client that breaks prints nothing, and that is an error.
func (c provedClient) once(ctx SpecContext, connection contract.Connection) []byte {
	GinkgoHelper()
	given, err := json.Marshal(connection)
	Expect(err).NotTo(HaveOccurred())
	run := exec.CommandContext(ctx, c.command[0], c.command[1:]...)
	run.Dir, run.Env, run.Stdin = c.dir, append(os.Environ(), "NODE_EXTRA_CA_CERTS="+connection.CAFile), bytes.NewReader(given)
	out, err := run.Output()
	if err != nil || !json.Valid(out) {
		return []byte(`{"class": "error", "message": "it broke"}`)
	}
	return out
}

// prove drives the client through `halocheck fake --contract` and gives the verdict.
func (c provedClient) prove(ctx SpecContext, binary string, flags ...string) contract.Report {
	GinkgoHelper()
	fake := exec.Command(binary, append([]string{"fake", "--contract"}, flags...)...)
	out, err := fake.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(fake.Start()).To(Succeed())
	defer func() {
		_ = fake.Process.Signal(syscall.SIGTERM)
		_ = fake.Wait()
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	Expect(err).NotTo(HaveOccurred())
	var ready running
	Expect(json.Unmarshal(line, &ready)).To(Succeed())
	ask := func(path string, body []byte, into any) {
		GinkgoHelper()
		method := http.MethodGet
		if body != nil {
			method = http.MethodPost
		}
		request, err := http.NewRequestWithContext(ctx, method, ready.AdminURL+path, bytes.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(answer.StatusCode).To(Equal(http.StatusOK))
		Expect(json.NewDecoder(answer.Body).Decode(into)).To(Succeed())
	}
	var step contract.Step
	ask("/case", nil, &step)
	for !step.Over {
		ended := c.once(ctx, *step.Connection)
		step = contract.Step{}
		ask("/case", ended, &step)
	}
	var verdict contract.Report
	ask("/verdict", nil, &verdict)
	return verdict
}

// oauth4webapi is a folder with the library as it is published.
func oauth4webapi() string {
	GinkgoHelper()
	dir, fresh := client("oauth4webapi", "oauth4webapi-3.8.8", "run.mjs", "tickets.mjs")
	if fresh {
		command(dir, nil, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		complete(dir)
	}
	return dir
}

// failed are the cases that a client does not survive, as RULE/CASE.
func failed(r contract.Report) []string {
	out := []string{}
	for _, v := range r.Verdicts {
		if v.Status == "fail" {
			out = append(out, v.Rule+"/"+v.Case)
		}
	}
	return out
}

var _ = Describe("clients that others wrote are proven", Label("clients"), func() {
	It("by halocheck fake --contract, case by case", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary := built(ctx)
		for name, c := range proved() {
			verdict := c.prove(ctx, binary, "--only", "paging")
			Expect(failed(verdict)).To(BeEmpty(), name)
			Expect(verdict.Cases).To(Equal(3), name)
		}
	})
	It("each against every fault: the table", func(ctx SpecContext) {
		folder := os.Getenv("HALOCHECK_CLIENTS")
		if folder == "" {
			Skip("make clients prints it; it takes minutes")
		}
		reports := map[string]contract.Report{}
		for name, c := range proved() {
			reports[name] = c.prove(ctx, built(ctx))
		}
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		Expect(err).NotTo(HaveOccurred())
		for _, file := range files {
			raw, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			var r contract.Report
			Expect(json.Unmarshal(raw, &r)).To(Succeed())
			reports[strings.TrimSuffix(filepath.Base(file), ".json")] = r
		}
		GinkgoWriter.Print(clientTable(reports))
	})
})

// clientTable is a Markdown table: a row for each rule and case, a column for each client.
func clientTable(reports map[string]contract.Report) string {
	names := []string{}
	rows, order := map[string]map[string]string{}, []string{}
	for name := range reports {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range reports[name].Verdicts {
			row := v.Rule + " | " + v.Case
			if rows[row] == nil {
				rows[row] = map[string]string{}
				order = append(order, row)
			}
			rows[row][name] = map[string]string{"pass": "✓", "fail": "✗", "skip": "–"}[v.Status]
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n| rule | case | %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)+2))
	for _, row := range order {
		fmt.Fprintf(&b, "| %s |", row)
		for _, name := range names {
			fmt.Fprintf(&b, " %s |", rows[row][name])
		}
		b.WriteString("\n")
	}
	for _, name := range names {
		r := reports[name]
		fmt.Fprintf(&b, "\n%s: %d passed, %d failed, %d skipped", name, r.Passed, r.Failed, r.Skipped)
	}
	return b.String() + "\n"
}
