package record

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Server is the fake as a recording needs it: it serves faults and recordings.
type Server interface {
	// Faults are all that it can serve.
	Faults() []Fault
	// Serves tells whether one server can have these faults together.
	Serves(names []string) bool
	// Check serves the text of a recording to a check and returns the findings.
	Check(ctx context.Context, text []byte) ([]ExpectedFinding, error)
}

// ReplayResult is a recording that was served to a check.
type ReplayResult struct {
	Scenario    Scenario
	Text        []byte // of the scenario
	Differences []Mismatch

	want     []ExpectedFinding
	findings []probes.Finding
	resource *url.URL
}

// Replay makes the recording of a check and serves it. Where several faults come to the same finding, and the first of them
// does not stop what the instance stopped, the others are tried. The tool is the name and version of the program.
func (t *Capture) Replay(ctx context.Context, tool string, findings []probes.Finding, resource *url.URL, server Server) (*ReplayResult, error) {
	r, err := t.Recording(tool)
	if err != nil {
		return nil, err
	}
	choices := FaultChoices(findings, server.Faults(), resource)
	faults := make([]string, len(choices))
	for i, c := range choices {
		faults[i] = c.Names[0]
	}
	try := func(faults []string) (*ReplayResult, error) {
		out := &ReplayResult{
			Scenario: Scenario{Faults: compatible(slices.Compact(slices.Clone(faults)), server), Recording: r},
			want:     ExpectedFindings(findings, resource), findings: findings, resource: resource,
		}
		var err error
		if out.Text, err = t.YAML(out.Scenario); err != nil {
			return nil, err
		}
		got, err := server.Check(ctx, out.Text)
		out.Differences = Compare(out.want, got)
		return out, err
	}
	best, err := try(faults)
	for i, c := range choices {
		for _, name := range c.Names[1:] {
			stopped := func(d Mismatch) bool { return d.Want.BlockedBy == c.Finding.ID }
			if err != nil || !slices.ContainsFunc(best.Differences, stopped) {
				break
			}
			other := slices.Clone(faults)
			other[i] = name
			var tried *ReplayResult
			if tried, err = try(other); err == nil && len(tried.Differences) < len(best.Differences) {
				best, faults = tried, other
			}
		}
	}
	return best, err
}

// compatible are those of the faults that one server can have together, the earlier ones first.
func compatible(names []string, server Server) []string {
	if len(names) < 2 || server.Serves(names) {
		return names
	}
	var out []string
	for _, name := range names {
		if with := append(slices.Clone(out), name); server.Serves(with) {
			out = with
		}
	}
	return out
}

// Files are the recording's files with their names.
func (r *ReplayResult) Files() (map[string][]byte, error) {
	expected := Findings{Expected: r.want}
	for _, d := range r.Differences {
		expected.NotReproduced = append(expected.NotReproduced, d.Want)
	}
	text, err := expected.JSON()
	return map[string][]byte{ScenarioFile: r.Text, FindingsFile: text}, err
}

// Notes say what the recording cannot reproduce; of what is blocked by that, only how much it is.
func (r *ReplayResult) Notes() (notes []error) {
	blocked := 0
	for i, d := range r.Differences {
		if i > 0 && (d.Want.Status == probes.Blocked || d.Got.Status == probes.Blocked) {
			blocked++
			continue
		}
		notes = append(notes, fmt.Errorf("the recording does not hold everything: %s; %s", d, d.Reason()))
	}
	if blocked > 0 {
		notes = append(notes, fmt.Errorf("%d findings that wait for others come out otherwise, too; %s names them all", blocked, FindingsFile))
	}
	return notes
}

// Summary says what was recorded in a folder.
func (r *ReplayResult) Summary(folder string) string {
	var b strings.Builder
	answers := 0
	for _, a := range r.Scenario.Recording.Answers {
		answers += len(a.Replies)
	}
	fmt.Fprintf(&b, "recorded %s in %s\n", r.resource, folder)
	fmt.Fprintf(&b, "  %-14s %d questions, %d answers", ScenarioFile, len(r.Scenario.Recording.Answers), answers)
	if len(r.Scenario.Faults) > 0 {
		fmt.Fprintf(&b, "; faults: %s", strings.Join(r.Scenario.Faults, ", "))
	}
	sum := probes.Summarise(r.findings)
	fmt.Fprintf(&b, "\n  %-14s %d findings, %s", FindingsFile, len(r.findings), sum.Outcome)
	if len(sum.RootCauses) > 0 {
		fmt.Fprintf(&b, ", fix first: %s", strings.Join(sum.RootCauses, ", "))
	}
	if n := len(r.Differences); n > 0 {
		fmt.Fprintf(&b, "\nreplayed: %d of the findings came out otherwise", n)
	} else {
		b.WriteString("\nreplayed: the same findings")
	}
	fmt.Fprintf(&b, "\nserve it with: halocheck fake --replay %s\n", folder)
	return b.String()
}
