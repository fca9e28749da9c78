package selfproof_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/report/browser"
	"github.com/halocheck/halocheck/probes"
)

// cannot ends a spec that needs a program that is not there. Continuous integration installs all of them (.ci/run), so there
// it is a failure.
func cannot(why string) {
	GinkgoHelper()
	if os.Getenv("CI") == "true" {
		Fail(why)
	}
	Skip(why)
}

// browserRun is a folder with the programs that drive the browser, until the spec ends, and the browser's path.
func browserRun() (dir, chromium string) {
	GinkgoHelper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir, chromium, err := browser.Prepare(ctx)
	if errors.Is(err, browser.ErrMissing) {
		cannot(err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	return dir, chromium
}

// reportOf is the report of one run.
func reportOf(s *probes.Session) *reports.Report {
	GinkgoHelper()
	started := time.Now()
	r, err := reports.New(s, "1.0", check(s), started, time.Since(started))
	Expect(err).NotTo(HaveOccurred())
	return r
}

// remedyOf is what a report says has to be done about a requirement.
func remedyOf(r *reports.Report, id string) *probes.Remedy {
	GinkgoHelper()
	at := slices.IndexFunc(r.Findings, func(f probes.Finding) bool { return f.ID == id && f.Remedy != nil })
	Expect(at).To(BeNumerically(">=", 0), id)
	return r.Findings[at].Remedy
}

// hostileWords are what a page must show and not become.
const hostileWords = "\u202egnp.<script>alert(1)</script><img src=x onerror=alert(1)>\"><img src=https://192.0.2.1/x onerror='alert(1)'>"

// opened is what the browser says of one report.
type opened struct {
	Complaints, Requests, Axe, Unfit []string
	Live                             bool
	Policy                           string
	Filters                          json.RawMessage
	Copies                           map[string]struct {
		Text, Says, Wanted string
		Focus              bool
	}
}

var _ = Describe("the HTML report in Chromium", Label("browser"), func() {
	It("asks nobody, complains of nothing, fits a phone and a desk, and is usable by keyboard", func() {
		notUnderRace(unwatched)
		dir, chromium := browserRun()
		roles := reportOf(session(start("no-add-tickets", "clients-names-only", "no-view-others-tickets", "agent-no-team", "application-renamed", "auth-url-no-slash")))
		anonymous := session(start())
		anonymous.Credentials, anonymous.Admin = probes.Credentials{}, probes.Credentials{}
		hostile := reportOf(session(start("missing-intermediate")))
		hostile.Target.URL, hostile.Guide.Name = hostileWords, hostileWords
		for i := range hostile.Findings {
			f := &hostile.Findings[i]
			f.Says, f.Because, f.Host, f.Source.Label = hostileWords, hostileWords, hostileWords, hostileWords
			if f.Remedy != nil {
				f.Remedy.Do, f.Remedy.Where = hostileWords, hostileWords
			}
		}
		folder := GinkgoT().TempDir()
		for name, r := range map[string]*reports.Report{
			"healthy": reportOf(session(start())), "broken": reportOf(session(start("wrong-intermediate", "expired@auth"))),
			"roles": roles, "anonymous": reportOf(anonymous), "hostile": hostile,
		} {
			f, err := os.Create(filepath.Join(folder, name+".html"))
			Expect(err).NotTo(HaveOccurred())
			Expect(reports.HTML(f, r)).To(Succeed())
			Expect(f.Close()).To(Succeed())
		}

		var found map[string]opened
		Expect(json.Unmarshal(command(dir, nil, nil, "node", "run.mjs", chromium, folder), &found)).To(Succeed())
		Expect(found).To(HaveLen(5))
		for name, o := range found {
			Expect(o.Complaints).To(BeEmpty(), name)
			Expect(o.Requests).To(BeEmpty(), name)
			Expect(o.Axe).To(BeEmpty(), name)
			Expect(o.Unfit).To(BeEmpty(), name)
			Expect(o.Live).To(BeFalse(), name)
			Expect(o.Policy).To(Equal("script-src-elem"), "%s: the policy stops a foreign script", name)
		}
		Expect(found["roles.html"].Filters).To(MatchJSON(`{
			"without passes": {"says": "6 of 51 findings are shown.", "shown": ["login.auth-url-slash", "application.name", "role.clients-level", "role.add-tickets", "role.view-others-tickets", "agent.teams"]},
			"role alone": {"says": "3 of 51 findings are shown.", "shown": ["role.clients-level", "role.add-tickets", "role.view-others-tickets"]},
			"for alerts": {"says": "1 of 51 findings are shown.", "shown": ["role.view-others-tickets"]},
			"all": "51 of 51 findings are shown.",
			"the operator acts": {"says": "1 of 51 findings are shown.", "shown": ["login.auth-url-slash"]},
			"words": {"says": "1 of 51 findings are shown.", "shown": ["login.auth-url-slash"]},
			"a link to what is hidden": "51 of 51 findings are shown."
		}`))
		copies := found["roles.html"].Copies
		Expect(copies["clipboard"].Wanted).To(HavePrefix("HaloPSA connection: %s\n\nThe connection isn't working yet. Please make these changes:\n\nThe person who sets up the integration\n\n 1. %s\n", roles.Target.URL, remedyOf(roles, "login.auth-url-slash").Do))
		Expect(copies["byHand"].Wanted).To(HavePrefix("The Authorization Server URL does not end in a slash (login.auth-url-slash)\nfail, must, no_trailing_slash\n"))
		for way, says := range map[string]string{"clipboard": "Copied.", "byHand": "Copied.", "refused": "The browser did not let it be copied."} {
			c := copies[way]
			Expect(c.Says).To(Equal(says), way)
			Expect(c.Focus).To(BeTrue(), "%s: the button keeps the focus", way)
			if way == "refused" {
				Expect(c.Text).To(Equal("before"))
			} else {
				Expect(c.Text).To(Equal(c.Wanted), way)
			}
		}
	})
})
