package agent

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestOnlyAGuideThatSuggestsATeamIsSaidToSuggestIt: of others nobody knows whether something depends on it.
func TestOnlyAGuideThatSuggestsATeamIsSaidToSuggestIt(t *testing.T) {
	for name, suggests := range map[string]bool{"mspcentric": true, "thread": false} {
		for _, c := range All(guide.ByName(name)) {
			if m := c.Meta(); m.ID == "agent.default-team" {
				if want := "Set Default Team to No Default Team on the agent and save"; !strings.HasPrefix(m.Remedy.Do, want) || strings.Contains(m.Remedy.Do, "the guide suggests it and nothing depends on it") != suggests {
					t.Errorf("%s: %s", name, m.Remedy.Do)
				}
			}
		}
	}
}
