package selfproof_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// invented is the i-th result, of these requirements, of a fleet of which one in ten fails in each of four ways and one cannot be judged.
func invented(i int, checks []probes.Check, at time.Time) *fleet.Result {
	faults := map[int]struct {
		id    string
		cause probes.Cause
	}{0: {"trust.chain", probes.MissingIntermediate}, 1: {"login.token", probes.InvalidClient}, 2: {"network.reachable", probes.ConnectionRefused}, 3: {"role.add-tickets", probes.PermissionOff}, 4: {"agent.teams", probes.NotObserved}}
	fault, ill := faults[i%10]
	r := &fleet.Result{
		Name: fmt.Sprintf("customer-%05d", i), URL: fmt.Sprintf("https://customer-%05d.example.com", i), Outcome: probes.Conformant, Started: at, TookMS: float64(i % 4000), Requests: 21,
		Labels:       map[string]string{"region": []string{"amer", "apac", "emea"}[i%3], "account": fmt.Sprint(100_000 + i)},
		Certificates: []fleet.Certificate{{Host: fmt.Sprintf("customer-%05d.example.com", i), NotAfter: at.AddDate(0, 0, i%365-5)}},
	}
	behind := false
	for _, c := range checks {
		m := c.Meta()
		f := fleet.Finding{ID: m.ID, Level: m.Level, Status: probes.Passed}
		switch {
		case behind && m.ID != fault.id && m.Level == probes.Must:
			f.Status, f.BlockedBy, f.Because = probes.Blocked, fault.id, fault.id+" does not hold"
		case ill && m.ID == fault.id:
			behind = i%10 != 3
			remedy := m.Remedy
			f.Status, f.Cause, f.Because, f.Remedy = probes.Failed, fault.cause, fmt.Sprintf("customer %d was asked and did not hold", i), &remedy
			r.Outcome, r.RootCauses = probes.NotConformant, []string{fault.id}
			if i%10 == 4 {
				f.Status, r.Outcome = probes.Unknown, probes.Incomplete
			}
		}
		r.Findings = append(r.Findings, f)
	}
	if i == 0 {
		r.Name, r.URL, r.Labels = " "+hostileWords, hostileWords, map[string]string{hostileWords: hostileWords, "</script>": "<!--"}
		for n := range r.Findings {
			r.Findings[n].Because, r.Findings[n].Host = hostileWords, "</script><script>alert(1)</script>"
			if r.Findings[n].Remedy != nil {
				r.Findings[n].Remedy.Do, r.Findings[n].Remedy.Where = hostileWords, hostileWords
			}
		}
	}
	return r
}

var _ = Describe("the overview of a fleet in Chromium", Label("browser"), func() {
	It("filters, sorts and opens any of 10,000 instances, and is never live", func() {
		notUnderRace(unwatched)
		dir, chromium := browserRun()
		const n = 10_000
		at := time.Date(2026, 11, 25, 21, 0, 0, 0, time.UTC)
		checks := catalogue.All(guide.BuiltIn())
		page, tally := overview.New(), fleet.NewCounts(n)
		for i := range n {
			r := invented(i, checks, at)
			page.Add(r)
			tally.Add(r)
		}
		tally.Total()
		file := filepath.Join(GinkgoT().TempDir(), "fleet.html")
		f, err := os.Create(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(page.Write(f, overview.Totals{Version: "1.0", At: at, Counts: tally})).To(Succeed())
		Expect(f.Close()).To(Succeed())
		info, err := os.Stat(file)
		Expect(err).NotTo(HaveOccurred())

		type step struct {
			Says, First string
			Nodes       int
		}
		var found struct {
			Complaints, Requests, Axe, Unfit []string
			Live                             bool
			Policy, End, Moved, Report, Back string
			Followed, Address                string
			Times                            map[string]float64
			Steps                            map[string]step
			Map                              struct{ Said, Focus string }
		}
		args := []string{"overview.mjs", chromium, file}
		if pictures := os.Getenv("HALOCHECK_PICTURES"); pictures != "" {
			args = append(args, pictures)
		}
		Expect(json.Unmarshal(command(dir, nil, nil, "node", args...), &found)).To(Succeed())
		var times []string
		for _, name := range slices.Sorted(maps.Keys(found.Times)) {
			times = append(times, fmt.Sprintf("%s %.0f ms", name, found.Times[name]))
			Expect(found.Times[name]).To(BeNumerically("<", 30_000), "a guard against hanging alone: %s", name)
		}
		AddReportEntry("an overview of 10,000 instances", fmt.Sprintf("%.1f MiB; %s", float64(info.Size())/(1<<20), strings.Join(times, ", ")))

		Expect(found.Complaints).To(BeEmpty())
		Expect(found.Requests).To(BeEmpty())
		Expect(found.Axe).To(BeEmpty())
		Expect(found.Unfit).To(BeEmpty())
		Expect(found.Live).To(BeFalse())
		Expect(found.Policy).To(Equal("script-src-elem"), "the policy stops a foreign script")
		for name, want := range map[string]step{
			"filter by text":              {"10 of 10000 instances are shown.", "customer-09991", 0},
			"filter by text off":          {"10000 of 10000 instances are shown.", "", 0},
			"filter by outcome":           {"4000 of 10000 instances are shown.", "", 0},
			"filter by cause":             {"1000 of 10000 instances are shown.", "", 0},
			"filter by label":             {"333 of 10000 instances are shown.", "customer-00010", 0},
			"reset":                       {"10000 of 10000 instances are shown.", "", 0},
			"sort by outcome":             {"10000 of 10000 instances are shown.", "customer-00001", 0},
			"sort by outcome, turned":     {"10000 of 10000 instances are shown.", "customer-00005", 0},
			"sort by certificate":         {"10000 of 10000 instances are shown.", "", 0},
			"sort by name, turned":        {"10000 of 10000 instances are shown.", "customer-09999", 0},
			"filter by nothing that fits": {"0 of 10000 instances are shown.", "", 0},
			"link":                        {"1000 of 10000 instances are shown.", "customer-00004", 0},
		} {
			got := found.Steps[name]
			Expect(got.Says).To(Equal(want.Says), name)
			if want.First != "" {
				Expect(got.First).To(Equal(want.First), name)
			}
			Expect(got.Nodes).To(BeNumerically("<", 60), "%s: only what is seen is there", name)
		}
		Expect(found.End).To(Equal("customer-09999"))
		Expect(found.Moved).To(Equal("customer-00002"))
		Expect(found.Back).To(Equal("customer-00002"))
		Expect(found.Report).To(ContainSubstring("customer-00002"))
		Expect(found.Report).To(ContainSubstring("customer 2 was asked and did not hold"))
		Expect(found.Followed).To(Equal("customer-00003"), "an address leads to a report that a filter hides")
		Expect(found.Address).To(HaveSuffix("#report=customer-00002"))
		Expect(found.Map.Said).To(ContainSubstring("network.reachable"))
	})
})
