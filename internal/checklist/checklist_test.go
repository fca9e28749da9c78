package checklist

import (
	"bytes"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/guide"
)

func text(t *testing.T, c Checklist) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b, "text"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAListOfSeveralKeepsWhatEachGuideSays: why, when, how binding, and who; a name that stands in the instruction is not told again.
func TestAListOfSeveralKeepsWhatEachGuideSays(t *testing.T) {
	var guides []*guide.Guide
	for _, source := range []string{`
name: A
role: {administrator: {phase: setup}}
agent: {teams: {note: a team as the technicians have it}, work_hours: {values: [24 Hours]}}
manual: [{id: sync, says: Start the sync., note: it shows new clients}]
`, `
name: B
login: {resource_url: {form: host, field: Domain}}
agent: {teams: {note: each is added by hand}}
`} {
		g, err := guide.Parse("g.yaml", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		guides = append(guides, g)
	}
	got := text(t, Together(guides))
	for _, want := range []string{
		"[ ] Make the agent an administrator.\n      A: while the connection is set up only; for A\n",
		"[ ] Add the agent to the teams that tickets go to.\n      A: a team as the technicians have it; B: each is added by hand; for A, B\n",
		"[ ] Set Work hours to 24 Hours.\n      recommended; for A\n",
		"[ ] B: Type the Resource Server into Domain as a host, without https:// and path (acme.halopsa.com).\n",
		"[ ] A: Start the sync.\n      it shows new clients\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "(acme.halopsa.com).\n      for B") {
		t.Errorf("the name stands twice:\n%s", got)
	}
}
