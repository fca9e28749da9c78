package selfproof_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"

	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// kept are the faults whose reports are kept as people read them, one of each kind.
var kept = []string{
	"missing-intermediate", "wrong-intermediate", "expired", "listed-refused", "old-version", "auth-url-no-slash", "wrong-secret",
	"no-scope-edit-tickets", "clients-names-only", "agent-no-team",
}

// volatile is what differs from run to run, and what is kept instead.
var volatile = []struct {
	what *regexp.Regexp
	kept string
}{
	{regexp.MustCompile(`\b(localhost|127\.0\.0\.1):\d+`), "$1:PORT"},
	{regexp.MustCompile(`(TcpClient\('localhost'), \d+`), "$1, PORT"},
	{regexp.MustCompile(`\b[0-9a-f]{32,}\b`), "HEX"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d( \d\d:\d\d(:\d\d)?( UTC)?)?`), "DATE"},
	{regexp.MustCompile(`\b\d+ [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC`), "DATE"},
	{regexp.MustCompile(`\b\d+ requests? in \d+\.\d s`), "N requests in T s"},
}

// reading is a report as people read it, without what differs from run to run. Of the HTML it is what is seen above the
// list of findings.
func reading(r *reports.Report) []byte {
	GinkgoHelper()
	root, err := html.Parse(strings.NewReader(written(r, "html", reports.Options{})))
	Expect(err).NotTo(HaveOccurred())
	wide := reports.Options{Width: 1 << 20} // where a line breaks depends on what is volatile
	files := []txtar.File{
		{Name: "text", Data: []byte(written(r, "text", wide))},
		{Name: "short", Data: []byte(written(r, "short", wide))},
		{Name: "markdown", Data: []byte(written(r, "markdown", wide))},
		{Name: "markdown for the customer", Data: []byte(written(r, "markdown", reports.Options{Audience: reports.Customer}))},
		{Name: "html", Data: []byte(strings.Join(above(root), "\n"))},
	}
	for i := range files {
		text := string(files[i].Data)
		for _, v := range volatile {
			text = v.what.ReplaceAllString(text, v.kept)
		}
		files[i].Data = []byte(strings.TrimRight(text, "\n") + "\n")
	}
	return txtar.Format(&txtar.Archive{Files: files})
}

// above are the lines of a page from its top down to the list of findings, a block each.
func above(root *html.Node) (lines []string) {
	blocks := []string{"h1", "h2", "h3", "p", "li", "dt", "dd", "summary"}
	block := func(n *html.Node) bool {
		return slices.Contains(blocks, n.Data) || slices.Contains([]string{"role", "subject", "late"}, attribute(n, "class"))
	}
	var read func(n *html.Node) bool
	read = func(n *html.Node) bool {
		if attribute(n, "id") == "findings" {
			return false
		}
		if block(n) && !slices.ContainsFunc(slices.Collect(n.Descendants()), block) {
			lines = append(lines, wordsOf(n))
			return true
		}
		for c := range n.ChildNodes() {
			if c.Data != "head" && !read(c) {
				return false
			}
		}
		return true
	}
	read(root)
	return lines
}

var _ = Describe("reports that are kept", Label("goldens"), func() {
	for _, fault := range kept {
		It(fault+" reads as it is kept", func() {
			s := session(start(fault))
			started := time.Now()
			r, err := reports.New(s, "1.0", check(s), started, time.Since(started))
			Expect(err).NotTo(HaveOccurred())
			Expect(r.Outcome).To(Equal(probes.NotConformant))
			got := reading(r)
			file := filepath.Join("..", "..", "fixtures", "reports", fault+".txtar")
			if os.Getenv("HALOCHECK_GOLDENS") == "write" {
				Expect(os.WriteFile(file, got, 0o600)).To(Succeed())
				return
			}
			want, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred(), "to write it: make goldens")
			Expect(string(got)).To(Equal(string(want)), "%s differs; if that is meant: make goldens", file)
		})
	}
})
