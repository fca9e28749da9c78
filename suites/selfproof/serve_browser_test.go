package selfproof_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
)

// pageSeen is what the browser saw of `halocheck serve`.
type pageSeen struct {
	Complaints, Foreign, Axe, Unfit []string
	Seen                            struct {
		Watch struct {
			Before, Watching, After string
			Lines                   []string
		}
		Green struct {
			There         int
			Resumed, Same bool
			First, Second string
		}
		Broken struct {
			First, Again, Letter, File, Judged string
			Waits                              int
		}
		Plain struct {
			Live    int
			First   string
			Buttons bool
		}
		Keyboard struct {
			Filled       struct{ URL, ID, Secret, HTML string }
			Alert, Shown string
			None         int
		}
	}
}

// typedFake is a fake as somebody types it into the form.
type typedFake struct {
	Fields map[string]string `json:"fields"`
	Admin  string            `json:"admin"`
}

func typed(server *fakehalo.Server) typedFake {
	var vias []string
	for name, url := range server.Vantages {
		vias = append(vias, name+"="+url)
	}
	slices.Sort(vias)
	return typedFake{Admin: server.AdminURL, Fields: map[string]string{
		"url": server.URL, "auth-url": server.Credentials.AuthURL, "tenant": server.Credentials.Tenant, "client-id": server.Credentials.ClientID,
		"client-secret-file": server.Credentials.ClientSecret, "admin-client-id": server.Admin.ClientID, "admin-secret-file": server.Admin.ClientSecret,
		"team": strings.Join(server.Teams, "\n"), "stable": server.Stable, "aia": "private", "ca-file": string(server.CAPEM), "via": strings.Join(vias, "\n"),
	}}
}

// servePage runs the real command until the spec ends, and returns the page's address and what it said by then.
func servePage(ctx context.Context) (address string, stop func() (exit int, says string)) {
	GinkgoHelper()
	var errs strings.Builder
	c := exec.CommandContext(ctx, built(ctx), "serve")
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(c.Start()).To(Succeed())
	DeferCleanup(func() { _ = c.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	Expect(err).NotTo(HaveOccurred())
	address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	Expect(address).NotTo(BeEmpty(), line)
	return address, func() (int, string) {
		Expect(c.Process.Signal(os.Interrupt)).To(Succeed())
		_ = c.Wait()
		return c.ProcessState.ExitCode(), errs.String()
	}
}

var _ = Describe("the page in Chromium", Label("browser", "serve"), func() {
	It("goes from the form to the verdict, alone and with others, with and without JavaScript, by mouse and by keyboard", func(ctx SpecContext) {
		notUnderRace(unwatched)
		dir, chromium := browserRun()
		page, stop := servePage(ctx)
		slow, watched, broken, plain := start(), start(), start("missing-intermediate"), start("agent-disabled")
		for server, latency := range map[*fakehalo.Server]time.Duration{slow: 1500 * time.Millisecond, plain: 3 * time.Second} { // looked at while they are asked
			Expect(server.Inject(fakehalo.Injection{Operation: "*", Latency: &fakehalo.Latency{Fixed: fakehalo.Duration(latency)}})).To(Succeed())
		}
		faults, err := fakehalo.Named("agent-disabled")
		Expect(err).NotTo(HaveOccurred())
		watched.Set(faults...)
		key := watched.Credentials.ClientSecret
		input, err := json.Marshal(map[string]any{
			"page": page, "rows": 51, "fakes": map[string]typedFake{"slow": typed(slow), "watched": typed(watched), "broken": typed(broken), "plain": typed(plain)},
			"mail": "Hello,\n\nResource Server: " + watched.URL + "\nClient ID: " + watched.Credentials.ClientID + "\nClient Secret: " + key + "\n\nBest regards\n",
		})
		Expect(err).NotTo(HaveOccurred())
		args := []string{"serve.mjs", chromium}
		if pictures := os.Getenv("HALOCHECK_PICTURES"); pictures != "" {
			args = append(args, pictures)
		}
		var o pageSeen
		Expect(json.Unmarshal(command(dir, nil, input, "node", args...), &o)).To(Succeed())

		Expect(o.Complaints).To(BeEmpty())
		Expect(o.Foreign).To(BeEmpty(), "nobody else is asked")
		Expect(o.Axe).To(BeEmpty())
		Expect(o.Unfit).To(BeEmpty())

		green := o.Seen.Green
		Expect(green.There).To(Equal(51), "the rows are there from the start")
		Expect(green.Resumed).To(BeTrue(), "a broken line is taken up where it broke")
		Expect([]string{green.First, green.Second}).To(HaveEach("The connection meets the guide"))
		Expect(green.Same).To(BeTrue(), "a second viewer sees the same")

		chain := "The server does not send the intermediate certificate"
		Expect([]string{o.Seen.Broken.First, o.Seen.Broken.Again, o.Seen.Broken.Judged}).To(HaveEach(chain))
		Expect(o.Seen.Broken.Waits).To(Equal(34))
		Expect(o.Seen.Broken.Letter).To(HavePrefix("The connection isn't working yet."))
		Expect(o.Seen.Broken.File).To(MatchRegexp(`^halocheck-localhost-\d+-\d{4}-\d\d-\d\d\.zip$`))

		agent := "The agent's account is not active"
		Expect(o.Seen.Watch.Before).To(Equal(agent))
		Expect(o.Seen.Watch.Watching).To(ContainSubstring("It is asked again every ten seconds."))
		Expect(o.Seen.Watch.Lines).To(ContainElements(HaveSuffix("✓ fixed: agent.enabled"), HaveSuffix("✓ everything holds")))
		Expect(o.Seen.Watch.After).To(Equal("The connection meets the guide"))

		Expect(o.Seen.Plain.Live).To(Equal(51))
		Expect(o.Seen.Plain.First).To(Equal(agent))
		Expect(o.Seen.Plain.Buttons).To(BeTrue(), "it can be asked again without JavaScript")

		filled := o.Seen.Keyboard.Filled
		Expect([]string{filled.URL, filled.ID, filled.Secret}).To(Equal([]string{watched.URL, watched.Credentials.ClientID, ""}))
		Expect(filled.HTML).NotTo(ContainSubstring(key))
		Expect(filled.HTML).To(ContainSubstring("One is kept from before"))
		Expect(o.Seen.Keyboard.Alert).To(ContainSubstring(`"newest" is no version`))
		Expect(o.Seen.Keyboard.None).To(BeZero())
		Expect(o.Seen.Keyboard.Shown).To(Equal(agent))

		exit, says := stop()
		Expect(exit).To(BeZero())
		Expect(says).To(BeEmpty())
	}, NodeTimeout(5*time.Minute))
})
