package watch

import (
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
)

// place is the place of an area in the report, where each area rests on those before it.
func place(area string) int {
	return slices.IndexFunc(report.AreaTitles, func(chapter struct{ Area, Title string }) bool { return chapter.Area == area })
}

// typed are the answers about the Authorisation Server and what was typed: they stand before every log-in.
var typed = []string{"login.typed", "login.endpoint", "login.token-door", "login.named-door", "login.place", "login.form"}

// carried tells which answers of the last whole run a round takes over, and whether its tokens too: the areas before the one of
// the requirement. A round for a role or an agent needs no new log-in; what the application may do is told by a new token alone.
//
// The areas of the role and of the agent are judged from the same answers.
func carried(root string) (answer func(name string) bool, tokens bool) {
	area, _, _ := strings.Cut(root, ".")
	at := place(area)
	tokens = area == "role" || area == "agent"
	return func(name string) bool {
		own, _, _ := strings.Cut(name, ".")
		switch {
		case slices.Contains(typed, name):
			return root != "login.auth-url" && root != "login.auth-url-slash" && at >= place("login")
		case name == "login.grant", own == "halo":
			return tokens
		case own == "login", own == "role": // what the agent may do is read with the agent
			return false
		}
		return place(own) < at
	}, tokens
}
