package agent

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
	"github.com/halocheck/halocheck/probes/role"
)

// TeamVisibility is which teams exist and which of them the agent sees.
type TeamVisibility struct {
	Wanted      []string      `json:"wanted"` // teams that alerts go to; empty: any will do
	Member      []string      `json:"member"` // teams that the agent and its roles belong to
	Shown       bool          `json:"shown"`  // the agent's record shows its teams
	Departments []string      `json:"departments,omitempty"`
	Existing    []halo.Team   `json:"existing"` // GET /Team
	Status      int           `json:"status"`   // of GET /Team
	SeenBy      halo.Identity `json:"seen_by"`
	Complete    bool          `json:"complete"` // Existing is known to hold teams beyond the agent's own
	AllTeams    bool          `json:"all_teams"`
	AllKnown    bool          `json:"all_known"` // it is known whether the application has all:teams
}

var teamVisibility = &probes.Probe[TeamVisibility]{
	Name: "agent.teams",
	Asks: "GET /api/Team, with the admin credentials where a team is missing from the integration's answer; and what application.privileges asks",
	Look: func(ctx context.Context, s *probes.Session) (TeamVisibility, error) {
		probes.Begin(ctx, s, teamList) // beside what role.rights asks, not after it
		if _, err := probes.Need(ctx, s, login.Agent); err != nil {
			return TeamVisibility{}, err
		}
		r, err := probes.Look(ctx, s, role.EffectivePermissions)
		if err != nil {
			return TeamVisibility{}, err
		}
		seen := TeamVisibility{Wanted: s.Teams, Shown: r.Agent.Fields.Teams, SeenBy: halo.Integration}
		seen.memberships(r.Agent)
		if p, err := probes.Look(ctx, s, application.ExtraScopes); err == nil {
			seen.AllTeams, seen.AllKnown = p.Grants("all:teams")
		}
		page, err := probes.Look(ctx, s, teamList)
		if err != nil {
			return seen, err
		}
		if seen.read(page, halo.Integration); s.Admin.Given() && !seen.holdsAll() {
			if page, err = getTeams(ctx, s, halo.Admin); err == nil {
				seen.read(page, halo.Admin)
			}
		}
		return seen, err
	},
}

// teamList reads the list of teams with the integration's token.
var teamList = &probes.Probe[wire.Page]{
	Name: "agent.team-list",
	Asks: "GET /api/Team",
	Look: func(ctx context.Context, s *probes.Session) (wire.Page, error) {
		return login.Beside(ctx, s, func() (wire.Page, error) { return getTeams(ctx, s, halo.Integration) })
	},
}

// getTeams reads the list of teams with one identity's credentials.
func getTeams(ctx context.Context, s *probes.Session, who halo.Identity) (wire.Page, error) {
	return halo.Get(ctx, s, who, "Team", url.Values{"showall": {"true"}})
}

// memberships gathers the agent's own teams and those that its roles bring.
func (t *TeamVisibility) memberships(a halo.Agent) {
	teams := slices.Clone(a.Teams)
	for _, r := range a.Roles {
		teams = append(teams, r.Teams...)
	}
	for _, m := range teams {
		if m.Name != "" && !slices.Contains(t.Member, m.Name) {
			t.Member = append(t.Member, m.Name)
		}
	}
	for _, d := range a.Departments {
		t.Departments = append(t.Departments, d.Name)
	}
}

// read keeps an answer where it is a list of teams.
func (t *TeamVisibility) read(page wire.Page, who halo.Identity) {
	if page.Status != http.StatusOK {
		if t.Status == 0 {
			t.Status = page.Status
		}
		return
	}
	t.Status, t.SeenBy, t.Existing = page.Status, who, []halo.Team{}
	for _, row := range halo.Rows(page.Body, "teams") {
		var team halo.Team
		if json.Unmarshal(row, &team) == nil {
			t.Existing = append(t.Existing, team)
		}
	}
	t.Complete = who == halo.Admin || slices.ContainsFunc(t.Existing, func(e halo.Team) bool { return !oneOf(t.Member, e.Name) })
}

// team is a team by name.
func (t *TeamVisibility) team(name string) (halo.Team, bool) {
	i := slices.IndexFunc(t.Existing, func(e halo.Team) bool { return same(e.Name, name) })
	if i < 0 {
		return halo.Team{}, false
	}
	return t.Existing[i], true
}

// holdsAll tells whether every wanted team was listed.
func (t *TeamVisibility) holdsAll() bool {
	for _, name := range t.Wanted {
		if _, ok := t.team(name); !ok {
			return false
		}
	}
	return true
}
