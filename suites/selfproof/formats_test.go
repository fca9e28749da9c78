package selfproof_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"

	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// told is what somebody takes from a report: the outcome, and a line for each finding that it tells.
type told struct {
	outcome string
	lines   []string
}

// written is the report in a format.
func written(r *reports.Report, format string, o reports.Options) string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(reports.Write(&b, format, r, o)).To(Succeed())
	return b.String()
}

// expectAgreement demands that every format tells the same outcome and the same findings, each read as its readers do.
func expectAgreement(s *probes.Session, findings []probes.Finding) {
	GinkgoHelper()
	r, err := reports.New(s, "1.0", findings, time.Now(), time.Second)
	Expect(err).NotTo(HaveOccurred())
	all := told{outcome: string(r.Outcome)}
	page := told{outcome: string(r.Outcome)}
	var explained, signs []string
	for _, f := range findings {
		unneeded := f.Status == probes.Unknown && f.Level != probes.Must // told as not checked, and no open question
		line := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.ID, f.Host, f.Status, f.Cause))
		all.lines = append(all.lines, line)
		verdict := strings.TrimSuffix(f.Says, ".")
		if unneeded {
			page.lines = append(page.lines, strings.Replace(line, " unknown ", " not-checked ", 1))
			signs = append(signs, "– "+f.ID)
			continue
		}
		page.lines = append(page.lines, line)
		if f.Status == probes.Failed || f.Status == probes.Unknown || f.Status == probes.Broken {
			explained = append(explained, line)
			verdict = f.ID
		}
		signs = append(signs, map[probes.Status]string{
			probes.Passed: "✓", probes.Failed: "✗", probes.Unknown: "?", probes.Blocked: "·", probes.Broken: "!", probes.NotApplicable: "–", probes.Skipped: "–",
		}[f.Status]+" "+verdict)
	}
	explained = foldUnasked(findings, explained)
	slices.Sort(explained)
	severalHosts := slices.ContainsFunc(findings, func(f probes.Finding) bool { return f.Host != "" && f.Host != findings[0].Host })
	host := ""
	if !severalHosts {
		host = findings[0].Host // told once, at the top
	}
	at := func(id string) string { // the host that a format leaves out where there is just one
		for _, f := range findings {
			if f.ID == id && f.Host == host {
				return host
			}
		}
		return ""
	}
	Expect(toldByJSON(written(r, "json", reports.Options{}))).To(Equal(all), "json")
	Expect(toldByJUnit(written(r, "junit", reports.Options{}))).To(Equal(all), "junit")
	Expect(toldByHTML(written(r, "html", reports.Options{}))).To(Equal(page), "html")
	Expect(toldByMarkdown(written(r, "markdown", reports.Options{}))).To(Equal(told{all.outcome, explained}), "markdown")
	Expect(toldByShort(written(r, "short", reports.Options{}), at)).To(Equal(told{all.outcome, explained}), "short")
	Expect(toldByText(written(r, "text", reports.Options{Verbose: true, Width: 1 << 20}))).To(Equal(told{all.outcome, signs}), "text")
}

// foldUnasked leaves out what a text for people tells in one line: what needs credentials, and what is unknown for the same
// reason as an earlier one.
func foldUnasked(findings []probes.Finding, explained []string) []string {
	reasons, at := map[string]bool{}, 0
	var out []string
	for _, f := range findings {
		if f.Status != probes.Failed && f.Status != probes.Unknown && f.Status != probes.Broken || f.Status == probes.Unknown && f.Level != probes.Must {
			continue
		}
		if f.Status != probes.Unknown || f.Because != "no credentials were given" && !reasons[f.Because] {
			out = append(out, explained[at])
		}
		reasons[f.Because] = reasons[f.Because] || f.Status == probes.Unknown
		at++
	}
	return out
}

func toldByJSON(text string) (t told) {
	GinkgoHelper()
	var r struct {
		Outcome  string
		Findings []struct{ ID, Host, Status, Cause string }
	}
	Expect(json.Unmarshal([]byte(text), &r)).To(Succeed())
	for _, f := range r.Findings {
		t.lines = append(t.lines, strings.TrimSpace(f.ID+" "+f.Host+" "+f.Status+" "+f.Cause))
	}
	t.outcome = r.Outcome
	return t
}

func toldByJUnit(text string) (t told) {
	GinkgoHelper()
	type properties []struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	value := func(list properties, name string) string {
		for _, p := range list {
			if p.Name == name {
				return p.Value
			}
		}
		return ""
	}
	var all struct {
		Suites []struct {
			Properties properties `xml:"properties>property"`
			Cases      []struct {
				Name       string     `xml:"name,attr"`
				Properties properties `xml:"properties>property"`
				Failure    *struct{}  `xml:"failure"`
				Error      *struct{}  `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	Expect(xml.Unmarshal([]byte(text), &all)).To(Succeed())
	for _, suite := range all.Suites {
		t.outcome = value(suite.Properties, "outcome")
		for _, c := range suite.Cases {
			id, host, _ := strings.Cut(strings.TrimSuffix(c.Name, ")"), " (")
			t.lines = append(t.lines, strings.TrimSpace(id+" "+host+" "+value(c.Properties, "status")+" "+value(c.Properties, "cause")))
			must := value(c.Properties, "level") == "must"
			Expect(c.Failure != nil).To(Equal(must && value(c.Properties, "status") == "fail"), "junit: %s", c.Name)
			Expect(c.Error != nil).To(Equal(must && slices.Contains([]string{"unknown", "blocked"}, value(c.Properties, "status"))), "junit: %s", c.Name)
		}
	}
	return t
}

func toldByHTML(text string) (t told) {
	GinkgoHelper()
	root, err := html.Parse(strings.NewReader(text))
	Expect(err).NotTo(HaveOccurred())
	for n := range root.Descendants() {
		classes := strings.Fields(attribute(n, "class"))
		switch {
		case n.Data == "strong" && slices.Contains(classes, "outcome"):
			t.outcome = wordsOf(n)
		case n.Data == "li" && slices.Contains(classes, "finding"):
			var id, cause, host string
			for c := range n.Descendants() {
				if c.Data == "p" && attribute(c, "class") == "id" {
					for code := range c.ChildNodes() {
						if code.Data == "code" && id == "" {
							id = wordsOf(code)
						} else if code.Data == "code" {
							cause = wordsOf(code)
						}
					}
				}
				if c.Data == "dt" && wordsOf(c) == "Host" {
					host = wordsOf(c.NextSibling)
				}
			}
			t.lines = append(t.lines, strings.TrimSpace(id+" "+host+" "+attribute(n, "data-status")+" "+cause))
		}
	}
	return t
}

// attribute is an element's attribute; empty where it has none.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// wordsOf is the text of an element, blanks folded.
func wordsOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

var (
	markdownOutcome = regexp.MustCompile(`(?m)^\*\*([a-z-]+)\*\* — `)
	markdownFinding = regexp.MustCompile("(?m)^## (fail|unknown|broken): .*\n\n- Requirement: `(\\S+)` \\((?:must|should|may)\\), cause `(\\S+)`\n(?:- Host: (\\S+)\n)?")
	shortOutcome    = regexp.MustCompile(`^\S+ ([a-z-]+): `)
	shortLine       = regexp.MustCompile(`(?m)^(fail|unknown|broken) (\S+)(?: \[(\S+)\])? \((?:must|should|may), (\S+)\): `)
	textLine        = regexp.MustCompile(`(?m)^  ([✓✗?·!–]) (.*)$`)
	textOutcome     = regexp.MustCompile(`(?m)^([A-Z-]+): `)
	textID          = regexp.MustCompile(`\(([a-z]+\.[a-z-]+)(?:, recommended)?\)(?: \[\S+\])?$`)
	textSuffix      = regexp.MustCompile(`( \((skipped|not-applicable|waits for \S+)\))?( \[\S+\])?$`)
)

func toldByMarkdown(text string) (t told) {
	for _, m := range markdownOutcome.FindAllStringSubmatch(text, -1) {
		t.outcome = m[1]
	}
	for _, m := range markdownFinding.FindAllStringSubmatch(text, -1) {
		t.lines = append(t.lines, strings.TrimSpace(m[2]+" "+strings.Trim(m[4], "`")+" "+m[1]+" "+strings.TrimPrefix(m[3], "-")))
	}
	slices.Sort(t.lines)
	return t
}

func toldByShort(text string, host func(id string) string) (t told) {
	for _, m := range shortOutcome.FindAllStringSubmatch(text, 1) {
		t.outcome = m[1]
	}
	for _, m := range shortLine.FindAllStringSubmatch(text, -1) {
		t.lines = append(t.lines, strings.TrimSpace(m[2]+" "+m[3]+host(m[2])+" "+m[1]+" "+strings.TrimPrefix(m[4], "-")))
	}
	slices.Sort(t.lines)
	return t
}

func toldByText(text string) (t told) {
	for _, m := range textOutcome.FindAllStringSubmatch(text, -1) {
		t.outcome = strings.ToLower(m[1])
	}
	for _, m := range textLine.FindAllStringSubmatch(text, -1) {
		verdict := textSuffix.ReplaceAllString(m[2], "")
		if id := textID.FindStringSubmatch(m[2]); id != nil && strings.Contains("✗?!–", m[1]) {
			verdict = id[1]
		}
		t.lines = append(t.lines, m[1]+" "+verdict)
	}
	return t
}
