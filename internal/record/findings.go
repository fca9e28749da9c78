package record

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/probes"
)

// FindingsFile is the name of the expected findings in a recording's folder.
const FindingsFile = "findings.json"

// ExpectedFinding is the part of a finding that a replay has to reproduce.
type ExpectedFinding struct {
	ID        string        `json:"id"`
	Host      string        `json:"host,omitempty"` // resource or authorisation; empty: judged for no host
	For       string        `json:"for,omitempty"`  // the guide, of several, that asks for it; empty: there is one, or all rest on it
	Status    probes.Status `json:"status"`
	Cause     probes.Cause  `json:"cause,omitempty"`
	BlockedBy string        `json:"blocked_by,omitempty"`
}

// Where returns the requirement, the host and the guide as text.
func (e ExpectedFinding) Where() string {
	text := e.ID
	if e.Host != "" {
		text += " [" + e.Host + "]"
	}
	if e.For != "" {
		text += " (" + e.For + ")"
	}
	return text
}

// String is the verdict in words.
func (e ExpectedFinding) String() string {
	switch {
	case e.BlockedBy != "":
		return fmt.Sprintf("%s by %s", e.Status, e.BlockedBy)
	case e.Cause != "":
		return fmt.Sprintf("%s %s", e.Status, e.Cause)
	}
	return string(e.Status)
}

// Findings is the content of a recording's findings file: the findings of the recorded check.
type Findings struct {
	Expected      []ExpectedFinding `json:"findings"`
	NotReproduced []ExpectedFinding `json:"unheld,omitempty"` // those that a replay did not reproduce
}

// ExpectedFindings converts the findings of a check of resource.
func ExpectedFindings(findings []probes.Finding, resource *url.URL) []ExpectedFinding {
	here := (probes.Server{URL: resource.String()}).Host()
	out := []ExpectedFinding{}
	for _, f := range findings {
		e := ExpectedFinding{ID: f.ID, Status: f.Status, Cause: f.Cause, BlockedBy: f.BlockedBy}
		switch {
		case f.Host == here:
			e.Host = string(probes.ResourceSide)
		case f.Host != "":
			e.Host = string(probes.AuthorisationSide)
		}
		for _, e.For = range f.Guides() {
			out = append(out, e)
		}
		if e.For == "" {
			out = append(out, e)
		}
	}
	return out
}

// Mismatch is a finding that a replay did not reproduce. Want or Got is empty where there is no such finding.
type Mismatch struct{ Want, Got ExpectedFinding }

// Compare returns the differences between the recorded and the replayed findings.
func Compare(want, got []ExpectedFinding) []Mismatch {
	var out []Mismatch
	same := func(w ExpectedFinding) func(ExpectedFinding) bool {
		return func(g ExpectedFinding) bool { return g.ID == w.ID && g.Host == w.Host && g.For == w.For }
	}
	for _, w := range want {
		at := slices.IndexFunc(got, same(w))
		switch {
		case at < 0:
			out = append(out, Mismatch{Want: w})
		case got[at] != w:
			out = append(out, Mismatch{Want: w, Got: got[at]})
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(want, same(g)) {
			out = append(out, Mismatch{Got: g})
		}
	}
	return out
}

// String is the difference in a sentence.
func (d Mismatch) String() string {
	switch {
	case d.Want.ID == "":
		return fmt.Sprintf("%s was not judged, and is %s in the replay", d.Got.Where(), d.Got)
	case d.Got.ID == "":
		return fmt.Sprintf("%s was %s, and is not judged in the replay", d.Want.Where(), d.Want)
	}
	return fmt.Sprintf("%s was %s, and is %s in the replay", d.Want.Where(), d.Want, d.Got)
}

// Reason explains why a recording cannot reproduce the finding.
func (d Mismatch) Reason() string {
	switch d.Want.Cause {
	case probes.Timeout:
		return "what stays silent elsewhere cannot be made to stay silent on this machine"
	}
	if d.Want.BlockedBy != "" {
		return "no fault of the fake stops at " + d.Want.BlockedBy + " what was stopped there"
	}
	return "no fault of the fake, and no recorded answer, comes to it"
}

// JSON encodes the file, one finding a line.
func (f Findings) JSON() ([]byte, error) {
	lines := func(list []ExpectedFinding) (string, error) {
		var out []string
		for _, e := range list {
			raw, err := json.Marshal(e)
			if err != nil {
				return "", err
			}
			out = append(out, "    "+string(raw))
		}
		return "[\n" + strings.Join(out, ",\n") + "\n  ]", nil
	}
	expected, err := lines(f.Expected)
	if err != nil || len(f.NotReproduced) == 0 {
		return []byte("{\n  \"findings\": " + expected + "\n}\n"), err
	}
	unheld, err := lines(f.NotReproduced)
	return []byte("{\n  \"findings\": " + expected + ",\n  \"unheld\": " + unheld + "\n}\n"), err
}

// ReadFindings decodes a findings file.
func ReadFindings(raw []byte) (f Findings, err error) {
	if err := document.CheckJSON(raw, document.Scenario); err != nil {
		return f, err
	}
	err = json.Unmarshal(raw, &f)
	return f, err
}
