package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// The JUnit shapes that common parsers read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name       string          `xml:"name,attr"`
		Class      string          `xml:"classname,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Failure    *junitMessage   `xml:"failure,omitempty"`
		Error      *junitMessage   `xml:"error,omitempty"`
		Skipped    *junitMessage   `xml:"skipped,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the findings as test cases, a suite for each area. A Must that nobody judged is an error, never a green
// pass; deviations of a should or may are skipped with their reason, since they never change the outcome.
func JUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: "halocheck " + safetext.Line(r.Target.URL), Time: seconds(r.TookMS)}
	for _, chapter := range AreaTitles {
		suite := junitSuite{
			Name: chapter.Area, Time: "0", Timestamp: r.Started.Format("2006-01-02T15:04:05"),
			Properties: []junitProperty{{"outcome", string(r.Outcome)}, {"url", safetext.Line(r.Target.URL)}, {"halocheck", safetext.Line(r.Tool.Version)}, {"guide", safetext.Line(r.Guide.Name)}},
		}
		suite.Properties = append(suite.Properties, junitProperty{"counts", countsText(r)})
		if r.Partial {
			suite.Properties = append(suite.Properties, junitProperty{"partial", "true"}, junitProperty{"checked", coverageText(r)})
		}
		for _, g := range r.Guides {
			suite.Properties = append(suite.Properties, junitProperty{"guide " + safetext.Line(g.Name), string(g.Outcome)})
		}
		for _, f := range r.Findings {
			if f.Area == chapter.Area {
				suite.add(f)
			}
		}
		if suite.Tests == 0 {
			continue
		}
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Skipped += suite.Skipped
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add turns one finding into one test case.
func (s *junitSuite) add(f probes.Finding) {
	name := safetext.Line(f.ID)
	if f.Host != "" {
		name += " (" + safetext.Line(f.Host) + ")"
	}
	if len(f.AskedBy) > 0 {
		name += " (" + safetext.Line(strings.Join(f.Guides(), ", ")) + ")"
	}
	c := junitCase{Name: name, Class: "halocheck." + f.Area, Time: seconds(f.TookMS), Properties: []junitProperty{
		{"level", string(f.Level)}, {"status", string(f.Status)}, {"cause", safetext.Line(string(f.Cause))}, {"says", safetext.Line(f.Says)},
	}}
	if f.Attested != "" {
		c.Properties = append(c.Properties, junitProperty{"attested", safetext.Line(f.Attested)})
	}
	if words := WaiverText(f); words != "" {
		c.Properties = append(c.Properties, junitProperty{"waiver", safetext.Line(words)})
	}
	message := &junitMessage{Message: safetext.Line(junitText(f)), Type: safetext.Line(string(f.Cause))}
	if isTask(f) {
		message.Text = safetext.Line(fmt.Sprintf("%s %s: %s", f.Remedy.Who, f.Remedy.Where, f.Remedy.Do))
	}
	counts := f.Level == probes.Must && f.Waived == nil
	s.Tests++
	switch {
	case f.Status == probes.Passed:
	case f.Status == probes.Failed && counts:
		s.Failures++
		c.Failure = message
	case f.Status == probes.Broken, counts && (f.Status == probes.Unknown || f.Status == probes.Blocked):
		s.Errors++
		c.Error = message
	default:
		s.Skipped++
		c.Skipped = message
	}
	s.Cases = append(s.Cases, c)
}

// junitText is the verdict, where it is more than what the test case says, and what was seen.
func junitText(f probes.Finding) string {
	if !isExplained(f) {
		return f.Because
	}
	return Verdict(f) + ". Seen: " + f.Because
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
