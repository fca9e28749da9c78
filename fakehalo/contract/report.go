package contract

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is what a [Session] came to.
type Report struct {
	Outcome  string    `json:"outcome"` // pass, fail, or incomplete: nothing failed, and cases are left
	Passed   int       `json:"passed"`
	Failed   int       `json:"failed"`
	Skipped  int       `json:"skipped"`
	Cases    int       `json:"cases"` // that are over
	Of       int       `json:"of"`
	Verdicts []Verdict `json:"verdicts"`

	started time.Time
}

// Report is what it came to so far.
func (s *Session) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report()
}

func (s *Session) report() Report {
	out := Report{Cases: s.at, Of: len(s.suite.cases), Verdicts: append([]Verdict{}, s.verdicts...), started: s.started}
	for _, v := range out.Verdicts {
		switch v.Status {
		case "pass":
			out.Passed++
		case "fail":
			out.Failed++
		default:
			out.Skipped++
		}
	}
	switch {
	case out.Failed > 0:
		out.Outcome = "fail"
	case out.Cases < out.Of:
		out.Outcome = "incomplete"
	default:
		out.Outcome = "pass"
	}
	return out
}

// JSON writes the report as GET /verdict gives it, indented.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

type (
	junitSuite struct {
		XMLName   xml.Name    `xml:"testsuite"`
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitMessage `xml:"failure,omitempty"`
		Error   *junitMessage `xml:"error,omitempty"`
		Skipped *junitMessage `xml:"skipped,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a test case for each verdict, and an error where cases are left.
func (r Report) JUnit(w io.Writer) error {
	suite := junitSuite{
		Name: "contract", Tests: len(r.Verdicts), Failures: r.Failed, Skipped: r.Skipped, Timestamp: r.started.UTC().Format("2006-01-02T15:04:05"),
	}
	for _, v := range r.Verdicts {
		c := junitCase{Name: v.Case, Class: "contract." + v.Rule}
		switch message := (&junitMessage{printable(v.Says), printable(v.Do)}); v.Status {
		case "fail":
			c.Failure = message
		case "skip":
			c.Skipped = message
		}
		suite.Cases = append(suite.Cases, c)
	}
	if r.Outcome == "incomplete" {
		suite.Tests, suite.Errors = suite.Tests+1, 1
		suite.Cases = append(suite.Cases, junitCase{Name: "every case", Class: "contract", Error: &junitMessage{Message: fmt.Sprintf("only %d of %d cases are over", r.Cases, r.Of)}})
	}
	raw, err := xml.MarshalIndent(suite, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, raw)
	}
	return err
}

// printable leaves out what a client's error may hold and XML or a terminal must not.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, text)
}
