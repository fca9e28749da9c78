package overview_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/probes"
)

var at = time.Date(2026, 11, 25, 21, 0, 0, 0, time.UTC) // a Wednesday

func TestTotals(t *testing.T) {
	root := parsedSample(t)
	if got, want := words(elements(root, "header")[0]), "Fleet of 4, 2026-11-25 21:00 UTC 1 of 4 instances does not meet the guide ✗ 1 not-conformant ? 1 incomplete ✓ 1 conformant – 1 not finished"; got != want {
		t.Error(got)
	}
	for id, want := range map[string][]string{
		"causes": {"1 login.token not_observed halocheck did not get to ask",
			"1 trust.chain missing_intermediate The server does not send the intermediate certificate"},
		"who": {"1 the customer's network administrator"},
		"weeks": {"1 ended", "0 rest of this week", "1 week of 2026-11-30", "0 week of 2026-12-07", "0 week of 2026-12-14", "0 week of 2026-12-21", "0 week of 2026-12-28",
			"0 week of 2027-01-04", "0 week of 2027-01-11", "0 week of 2027-01-18", "0 week of 2027-01-25", "0 week of 2027-02-01", "0 week of 2027-02-08",
			"0 week of 2027-02-15", "0 week of 2027-02-22", "1 later"},
		"map": {"network.resolves The host's name resolves to an address. ✗ 0 fail ? 0 not judged · 0 waiting",
			"trust.chain The server sends every certificate between its own and a trusted root. ✗ 1 fail ? 0 not judged · 0 waiting",
			"trust.renewal No certificate of the path ends soon. ✗ 0 fail ? 0 not judged · 0 waiting",
			"login.token The credentials get a token. ✗ 0 fail ? 1 not judged · 1 waiting", "vendor.own ✗ 0 fail ? 0 not judged · 0 waiting"},
	} {
		if diff := cmp.Diff(want, section(t, root, id)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestTheMapHidesWhatNobodyHasToMend(t *testing.T) {
	var got []string
	for _, li := range elements(parsedSample(t), "li") {
		if attribute(li, "data-row") != "" && attribute(li, "class") != "quiet" {
			got = append(got, words(elements(li, "a")[0]))
		}
	}
	if !slices.Equal(got, []string{"trust.chain", "login.token"}) {
		t.Error(got)
	}
}

func TestNothingIsFinished(t *testing.T) {
	root := parsed(t, written(t, overview.New(), overview.Totals{
		Version: "1.0", At: at, Counts: fleet.NewCounts(1), Names: []string{"late"}, Stopped: "interrupted", Missing: []string{"2/3"},
	}))
	if got, want := words(elements(root, "header")[0]), "Fleet of 1, 2026-11-25 21:00 UTC Not every instance could be judged ✗ 0 not-conformant ? 0 incomplete ✓ 0 conformant – 1 not finished It was broken off: interrupted. No file has the results of shard 2/3."; got != want {
		t.Error(got)
	}
	if d := dataOf(t, root); len(d.Rows) != 1 || d.Rows[0].Name != "late" || d.Rows[0].Outcome != "not finished" {
		t.Error(d.Rows)
	}
}

func TestTheWorstOfTwoHostsCounts(t *testing.T) {
	d := dataOf(t, parsedSample(t))
	at := map[string]int{}
	for n, r := range d.Requirements {
		at[r.ID] = n
	}
	var got []string
	for _, r := range d.Rows {
		line := r.Name + ":" + r.Outcome
		for _, id := range []string{"network.resolves", "trust.chain", "trust.renewal", "login.token", "vendor.own"} {
			letter := "."
			if n := at[id]; n < len(r.States) {
				letter = r.States[n : n+1]
			}
			line += " " + letter
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"bad:not-conformant p F r K p", "good:conformant p p . . .", "late:not finished . . . . .", "open:incomplete p . . U ."}, got); diff != "" {
		t.Error(diff)
	}
	seen := d.Findings[d.Rows[0].Seen[0]]
	for key, want := range map[string]string{"cause": "missing_intermediate", "because": "seen", "do": "Mend it.", "proof": "curl -v", "who": "network-admin", "where": "Here"} {
		if got := d.Texts[seen[key]]; got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
}

func TestEveryFindingHasItsPlaceInTheMap(t *testing.T) {
	waiver := &probes.Waiver{Reason: "known", Owner: "Ann", Until: "2027-01-01"}
	for _, c := range []struct {
		finding fleet.Finding
		want    string
		note    string
	}{
		{fleet.Finding{Level: probes.Must, Status: probes.Passed}, "p", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.Passed, Attested: "by Bob"}, "p", "attested: by Bob"},
		{fleet.Finding{Level: probes.Must, Status: probes.Failed}, "F", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.Failed, Waived: waiver}, "w", "waived: known (Ann, until 2027-01-01)"},
		{fleet.Finding{Level: probes.Must, Status: probes.Broken}, "B", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.Unknown}, "U", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.Blocked}, "K", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.NotApplicable}, "-", ""},
		{fleet.Finding{Level: probes.Must, Status: probes.Skipped}, "-", ""},
		{fleet.Finding{Level: probes.Should, Status: probes.Failed}, "r", ""},
		{fleet.Finding{Level: probes.May, Status: probes.Failed}, "r", ""},
		{fleet.Finding{Level: probes.Should, Status: probes.Unknown}, "-", ""},
		{fleet.Finding{Level: probes.Should, Status: probes.Blocked}, "-", ""},
	} {
		c.finding.ID = "network.resolves" // the first of all
		p, tally := overview.New(), fleet.NewCounts(1)
		p.Add(result("one", probes.Conformant, nil, c.finding))
		d := dataOf(t, parsed(t, written(t, p, overview.Totals{At: at, Counts: tally})))
		note := ""
		if len(d.Findings) > 0 {
			note = d.Texts[d.Findings[0]["note"]]
		}
		if got := d.Rows[0].States; got != c.want || note != c.note {
			t.Errorf("%s %s: %s %q, not %s %q", c.finding.Level, c.finding.Status, got, note, c.want, c.note)
		}
	}
}

func TestChangesAreTold(t *testing.T) {
	p, w := sample()
	w.Changes = fleet.NewChanges()
	w.Changes.New = []fleet.Change{{Name: "bad", ID: "trust.chain", Cause: probes.MissingIntermediate}}
	w.Changes.Fixed = []fleet.Change{{Name: "good", ID: "trust.chain", Was: probes.Expired}}
	w.Changes.Added, w.Changes.Gone = []string{"open"}, []string{"old"}
	for range 2 { // written twice, it says the same
		root := parsed(t, written(t, p, w))
		if diff := cmp.Diff([]string{"1 trust.chain", "1 trust.chain"}, section(t, root, "changed")); diff != "" {
			t.Error(diff)
		}
		if text := words(root); !strings.Contains(text, "✗ 1 newly failing") || !strings.Contains(text, "✓ 1 fixed") || !strings.Contains(text, "no longer in the inventory: old .") {
			t.Error("what changed is not told")
		}
		var got []int
		for _, r := range dataOf(t, root).Rows {
			for _, c := range r.Changed {
				got = append(got, c.Kind)
			}
		}
		if !slices.Equal(got, []int{0, 1, 4}) {
			t.Error(got)
		}
	}
}

func TestNothingForeignIsLive(t *testing.T) {
	const evil = "\u202e</script><script>alert(1)</script><!--<script>\u2028<img src=x onerror=alert(1)>\" onload='x' \x1b[31m"
	f := finding("trust.chain", probes.Failed, evil)
	f.ID, f.Because, f.Host, f.BlockedBy, f.Attested = "trust."+evil, evil, evil, evil, evil
	f.Remedy = &probes.Remedy{Who: evil, Do: evil, Where: evil}
	r := result(evil, probes.NotConformant, []string{f.ID}, f)
	r.URL, r.Labels, r.Certificates = evil, map[string]string{evil: evil}, []fleet.Certificate{{Host: evil, NotAfter: at}}
	tally := fleet.NewCounts(1)
	tally.Add(r)
	tally.Total()
	p := overview.New()
	p.Add(r)
	changes := fleet.NewChanges()
	changes.New, changes.Added, changes.Gone = []fleet.Change{{Name: evil, ID: evil, Cause: evil}}, []string{evil}, []string{evil}
	text := written(t, p, overview.Totals{Version: evil, Shard: evil, Stopped: evil, Missing: []string{evil}, Names: []string{evil}, At: at, Counts: tally, Changes: changes})
	for _, r := range "\u202e\u2028\x1b" {
		if strings.ContainsRune(text, r) {
			t.Errorf("%U is in the page", r)
		}
	}
	root := parsed(t, text)
	if got := len(elements(root, "script")); got != 2 {
		t.Errorf("%d scripts", got)
	}
	if got := len(elements(root, "img")) + len(elements(root, "iframe")) + len(elements(root, "object")); got != 0 {
		t.Errorf("%d foreign elements", got)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:," {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	d := dataOf(t, root)
	const shown = "<U+202E></script><script>alert(1)</script><!--<script><U+2028><img src=x onerror=alert(1)>\" onload='x' <U+001B>[31m"
	if len(d.Rows) != 1 || d.Rows[0].Name != shown || !slices.Contains(d.Texts, shown) {
		t.Errorf("%d rows, %q", len(d.Rows), d.Rows[0].Name)
	}
}

func TestThePolicyAllowsThisFileAlone(t *testing.T) {
	root := parsedSample(t)
	policy := ""
	for _, m := range elements(root, "meta") {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	hash := func(n *html.Node) string {
		sum := sha256.Sum256([]byte(n.FirstChild.Data))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	scripts := elements(root, "script")
	want := "default-src 'none'; style-src " + hash(elements(root, "style")[0]) + "; script-src " + hash(scripts[len(scripts)-1]) + "; img-src data:; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("%s\nwant\n%s", policy, want)
	}
}

// What keeps an instance from being judged is told even where it hides nothing else: among the sums, in the map, and in the list.
func TestWhatCouldNotBeJudgedIsTold(t *testing.T) {
	p, tally := overview.New(), fleet.NewCounts(3)
	for _, r := range []*fleet.Result{
		result("shut", probes.Incomplete, nil, finding("network.allowlist", probes.Unknown, probes.NoVantage), finding("trust.chain", probes.Passed, "")),
		result("both", probes.NotConformant, []string{"trust.chain"}, finding("network.allowlist", probes.Unknown, probes.NoVantage),
			finding("trust.chain", probes.Failed, probes.Expired), finding("product.version", probes.Unknown, probes.StableUnknown)),
	} {
		p.Add(r)
		tally.Add(r)
	}
	tally.Total()
	text := written(t, p, overview.Totals{At: at, Counts: tally, Names: []string{"shut", "both", "late"}})
	root := parsed(t, text)
	if diff := cmp.Diff([]string{"2 network.allowlist no_vantage Nobody looked from one of the vendor's addresses", "1 product.version stable_unknown The latest stable version is not known here"}, section(t, root, "open")); diff != "" {
		t.Error(diff)
	}
	var shown []string
	for _, li := range elements(root, "li") {
		if attribute(li, "data-row") != "" && attribute(li, "class") != "quiet" {
			shown = append(shown, words(elements(li, "a")[0]))
		}
	}
	if !slices.Equal(shown, []string{"network.allowlist", "trust.chain"}) {
		t.Errorf("the map shows %v", shown)
	}
	var d struct {
		Texts        []string
		Requirements []struct{ ID string }
		Rows         []struct {
			Name string
			Open []struct{ Requirement, Cause int }
		}
	}
	for _, s := range elements(root, "script") {
		if attribute(s, "type") == "application/json" {
			if err := json.Unmarshal([]byte(s.FirstChild.Data), &d); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, r := range d.Rows {
		if r.Open == nil {
			t.Errorf("%s has no list, which the script goes through", r.Name)
		}
		for _, x := range r.Open {
			got = append(got, r.Name+" "+d.Requirements[x.Requirement].ID+" "+d.Texts[x.Cause])
		}
	}
	if diff := cmp.Diff([]string{"both network.allowlist no_vantage", "both product.version stable_unknown", "shut network.allowlist no_vantage"}, got); diff != "" {
		t.Error(diff)
	}
	if options := strings.Count(text, `<option value="? network.allowlist no_vantage"`); options != 1 {
		t.Errorf("the list can be filtered by it in %d ways", options)
	}
}

// TestSeveralGuides: where instances were judged by several guides the page counts by each, and the list has a column for each.
func TestSeveralGuides(t *testing.T) {
	p, w := overview.New(), overview.Totals{At: at, Counts: fleet.NewCounts(2), Names: []string{"a", "b"}}
	a, b := result("a", probes.NotConformant, nil, finding("role.all-clients", probes.Failed, probes.RestrictedClients)), result("b", probes.Conformant, nil)
	a.Findings[0].AskedBy = []string{"Hudu"}
	a.Guides = []fleet.Guide{{Name: "Hudu", Outcome: probes.NotConformant}, {Name: "Thread", Outcome: probes.Incomplete, Planned: true}}
	b.Guides = []fleet.Guide{{Name: "Hudu", Outcome: probes.Conformant}}
	for _, r := range []*fleet.Result{a, b} {
		p.Add(r)
		w.Counts.Add(r)
	}
	w.Counts.Total()
	root := parsed(t, written(t, p, w))
	if head := words(elements(root, "h1")[0]); head != "1 of 2 instances does not meet its guides" {
		t.Error(head)
	}
	var got []string
	for _, row := range elements(elements(root, "tbody")[0], "tr") {
		got = append(got, words(row))
	}
	for _, head := range elements(root, "span") {
		if attribute(head, "class") == "guide" {
			got = append(got, words(head))
		}
	}
	if diff := cmp.Diff([]string{"Hudu 2 1 0 1 0", "Thread 1 0 0 0 1", "Hudu", "Thread"}, got); diff != "" {
		t.Error(diff)
	}
	d := dataOf(t, root)
	if by := d.Rows[0].Guides[1]; len(d.Guides) != 2 || d.Texts[by.Guide] != "Thread" || !by.Planned || d.Texts[d.Findings[0]["for"]] != "Hudu" {
		t.Errorf("%+v", d)
	}
	if text := words(parsedSample(t)); strings.Contains(text, "Guide by guide") {
		t.Error("an only guide has a column")
	}
}

// TestEachGuidesWords: the map says a requirement in the words of the guides that were judged by, and a finding in its own.
func TestEachGuidesWords(t *testing.T) {
	const id, builtIn, other = "login.auth-url-slash", "The Authorization Server URL ends in a slash.", "The Authorisation Server's URL does not end in a slash."
	of := func(name, says string, status probes.Status) *fleet.Result {
		return &fleet.Result{Name: name, Outcome: probes.NotConformant, Started: at, Findings: []fleet.Finding{{ID: id, Level: probes.Must, Status: status, Says: says}}}
	}
	for name, c := range map[string]struct {
		results []*fleet.Result
		want    string
		says    []string // of the findings that are more than a pass
	}{
		"the built-in guide":              {[]*fleet.Result{of("a", "", probes.Failed)}, builtIn, []string{builtIn}},
		"another guide":                   {[]*fleet.Result{of("a", other, probes.Failed)}, other, []string{other}},
		"both":                            {[]*fleet.Result{of("a", "", probes.Failed), of("b", other, probes.Failed)}, builtIn + " By another guide: " + other, []string{builtIn, other}},
		"another guide that it meets":     {[]*fleet.Result{of("a", other, probes.Passed)}, other, nil},
		"a guide that does not ask":       {[]*fleet.Result{of("a", other, probes.Failed), of("b", "", probes.NotApplicable)}, other, []string{other, builtIn}},
		"a requirement of another's only": {[]*fleet.Result{{Name: "a", Outcome: probes.NotConformant, Started: at, Findings: []fleet.Finding{{ID: "role.own", Level: probes.Must, Status: probes.Failed, Says: "It is so."}}}}, "It is so.", []string{"It is so."}},
	} {
		p := overview.New()
		tally := fleet.NewCounts(len(c.results))
		for _, r := range c.results {
			p.Add(r)
			tally.Add(r)
		}
		tally.Total()
		root := parsed(t, written(t, p, overview.Totals{Version: "1.0", At: at, Counts: tally}))
		if got := section(t, root, "map"); len(got) != 1 || !strings.Contains(got[0], " "+c.want+" ✗") {
			t.Errorf("%s: the map says %q", name, got)
		}
		d := dataOf(t, root)
		var says []string
		for _, f := range d.Findings {
			says = append(says, d.Texts[f["says"]])
		}
		if !slices.Equal(says, c.says) {
			t.Errorf("%s: the findings say %q", name, says)
		}
	}
}
