package overview_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/probes"
)

// finding is a Must; one that fails is the network administrator's.
func finding(id string, status probes.Status, cause probes.Cause) fleet.Finding {
	f := fleet.Finding{ID: id, Level: probes.Must, Status: status, Cause: cause}
	if status == probes.Failed {
		f.Because, f.Remedy = "seen", &probes.Remedy{Who: probes.NetworkAdmin, Do: "Mend it. To prove it: curl -v", Where: "Here"}
	}
	return f
}

func result(name string, outcome probes.Outcome, roots []string, findings ...fleet.Finding) *fleet.Result {
	return &fleet.Result{
		Name: name, URL: "https://" + name + ".example.com", Labels: map[string]string{"region": "emea"}, Outcome: outcome, RootCauses: roots,
		Findings: findings, Started: at, TookMS: 1500, Requests: 7,
	}
}

// sample is a fleet of four: one meets the guide, one does not, one could not be judged, one was not finished.
func sample() (*overview.Page, overview.Totals) {
	chain := finding("trust.chain", probes.Failed, probes.MissingIntermediate)
	good := result("good", probes.Conformant, nil, finding("network.resolves", probes.Passed, ""), finding("trust.chain", probes.Passed, ""))
	good.Certificates = []fleet.Certificate{{Host: "good.example.com", NotAfter: at.AddDate(1, 0, 0)}}
	bad := result("bad", probes.NotConformant, []string{"trust.chain"}, finding("network.resolves", probes.Passed, ""), finding("trust.chain", probes.Passed, ""), chain,
		finding("login.token", probes.Blocked, ""), fleet.Finding{ID: "trust.renewal", Level: probes.Should, Status: probes.Failed, Cause: probes.NearExpiry},
		finding("vendor.own", probes.Passed, ""))
	bad.Certificates = []fleet.Certificate{{Host: "bad.example.com", NotAfter: at.Add(-time.Hour)}, {Host: "auth.example.com", NotAfter: at.AddDate(0, 0, 5)}}
	open := result("open", probes.Incomplete, []string{"login.token"}, finding("network.resolves", probes.Passed, ""), finding("login.token", probes.Unknown, probes.NotObserved))
	p, tally := overview.New(), fleet.NewCounts(4)
	for _, r := range []*fleet.Result{good, bad, open} {
		p.Add(r)
		tally.Add(r)
	}
	tally.Total()
	return p, overview.Totals{Version: "1.0", At: at, Counts: tally, Names: []string{"good", "bad", "open", "late"}}
}

func written(t *testing.T, p *overview.Page, w overview.Totals) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, w); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parsed(t *testing.T, text string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func parsedSample(t *testing.T) *html.Node {
	t.Helper()
	p, w := sample()
	return parsed(t, written(t, p, w))
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func elements(n *html.Node, kind string) (found []*html.Node) {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == kind {
			found = append(found, c)
		}
	}
	return found
}

func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// section is the part of the page that a heading names, and where there are lists in it, their items.
func section(t *testing.T, root *html.Node, id string) (items []string) {
	t.Helper()
	for _, s := range elements(root, "section") {
		if attribute(s, "aria-labelledby") == id {
			for _, li := range elements(s, "li") {
				items = append(items, words(li))
			}
			return items
		}
	}
	t.Fatalf("there is no section %s", id)
	return nil
}

// embedded is the data of the page.
type embedded struct {
	Texts        []string
	Requirements []struct{ ID, Area, Says string }
	Findings     []map[string]int
	Guides       []int
	Rows         []struct {
		Name, Outcome, States string
		Seen                  []int
		Changed               []struct{ Kind, Requirement int }
		Guides                []struct {
			Guide, Outcome int
			Planned        bool
		}
	}
}

func dataOf(t *testing.T, root *html.Node) (d embedded) {
	t.Helper()
	for _, s := range elements(root, "script") {
		if attribute(s, "type") == "application/json" {
			if err := json.Unmarshal([]byte(s.FirstChild.Data), &d); err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("there is no data")
	return d
}
