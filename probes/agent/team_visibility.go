package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
	"github.com/halocheck/halocheck/probes/role"
)

// TeamVisibility is which teams exist and which of them the agent sees.
type TeamVisibility struct {
	Wanted      []string      `json:"wanted"`            // teams that alerts go to; empty: any will do
	Member      []string      `json:"member"`            // teams that the agent and its roles belong to
	Unnamed     int           `json:"unnamed,omitempty"` // teams that they belong to and whose name was not found, by their id
	Shown       bool          `json:"shown"`             // the agent's record shows its teams
	Departments []string      `json:"departments,omitempty"`
	Existing    []halo.Team   `json:"existing"` // GET /Team
	Status      int           `json:"status"`   // of GET /Team
	List        *halo.Answer  `json:"list,omitempty"`
	SeenBy      halo.Identity `json:"seen_by"`
	Complete    bool          `json:"complete"` // no team can be missing from Existing, nor a letter of its name
	AllTeams    bool          `json:"all_teams"`
	AllKnown    bool          `json:"all_known"` // it is known whether the application has all:teams
	Admin       string        `json:"admin,omitempty"`
	Every       bool          `json:"every,omitempty"` // the guide wants the agent in every team, so that the list has to be complete
}

var errNoAllTeams = errors.New("the application does not have all:teams")

// allTeams is the scope that shows an application teams that its agent does not belong to.
const allTeams = "all:teams"

var teamVisibility = &probes.Probe[TeamVisibility]{
	Name: "agent.teams",
	Asks: "GET /api/Team, further pages where the list is longer; where a team is missing, again with a token asked for all:teams and with the admin credentials; and what application.privileges asks",
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
		if row := s.Guide.Agent.Teams; row != nil && row.Value == guide.All {
			seen.Every = true
		}
		if p, err := probes.Look(ctx, s, application.ExtraScopes); err == nil {
			seen.AllTeams, seen.AllKnown = p.Grants(allTeams)
		}
		own, err := probes.Look(ctx, s, teamList)
		if err != nil {
			return seen, err
		}
		seen.read(own, halo.Integration)
		if seen.join(r.Agent); !seen.settled() && (seen.AllTeams || !seen.AllKnown) {
			before := len(seen.Existing)
			if l, err := listWithAllTeams(ctx, s); err == nil {
				if l.Shown && own.Shown && len(l.Teams) > before {
					seen.AllTeams, seen.AllKnown = true, true // the scope is what shows more
				}
				seen.read(l, halo.AllTeams)
				seen.join(r.Agent)
			}
		}
		if !seen.settled() && s.Admin.Given() {
			switch l, err := getTeams(ctx, s, halo.Admin); {
			case err == nil:
				seen.read(l, halo.Admin)
				seen.join(r.Agent)
			case ctx.Err() != nil:
				return seen, err
			default:
				seen.Admin = err.Error()
			}
		}
		return seen, nil
	},
}

// listWithAllTeams reads the teams with a token that was asked for all:teams as well: only such a token shows what the
// scope opens.
func listWithAllTeams(ctx context.Context, s *probes.Session) (TeamList, error) {
	scopes := []string{allTeams}
	for _, row := range s.Guide.Application.Scopes {
		scopes = append(scopes, row.Name)
	}
	switch reply, err := halo.RequestToken(ctx, s, halo.AllTeams, scopes, true); {
	case err != nil:
		return TeamList{}, err
	case !reply.Granted:
		return TeamList{}, errNoAllTeams
	}
	return getTeams(ctx, s, halo.AllTeams)
}

// read keeps a list where it was read, and the first answer where none was.
func (t *TeamVisibility) read(l TeamList, who halo.Identity) {
	if l.Reading().State != probes.Shown {
		if t.List == nil && t.Existing == nil {
			t.Status, t.List = l.Status, &l.Answer
		}
		return
	}
	t.Status, t.SeenBy, t.Existing, t.List = l.Status, who, l.Teams, nil
	all := who == halo.Admin || who == halo.AllTeams && t.AllTeams
	t.Complete = all && l.Whole && !slices.ContainsFunc(l.Teams, func(e halo.Team) bool { return e.Name == "" || strings.ContainsRune(e.Name, utf8.RuneError) })
}

// join gathers the teams of the agent and its roles. Rows without a name get it from the list of teams, by their id, and
// the other way round.
func (t *TeamVisibility) join(a halo.Agent) {
	members := slices.Clone(a.Teams)
	for _, r := range a.Roles {
		members = append(members, r.Teams...)
	}
	t.Member, t.Unnamed = nil, 0
	for _, m := range members {
		at := slices.IndexFunc(t.Existing, func(e halo.Team) bool { return e.ID == m.ID && m.ID != "" })
		if at >= 0 && m.Name == "" {
			m.Name = t.Existing[at].Name
		}
		if at >= 0 && t.Existing[at].Name == "" {
			t.Existing[at].Name = m.Name
		}
		switch {
		case m.Name == "":
			t.Unnamed++
		case !slices.Contains(t.Member, m.Name):
			t.Member = append(t.Member, m.Name)
		}
	}
	t.Departments = nil
	for _, d := range a.Departments {
		t.Departments = append(t.Departments, d.Name)
	}
}

// team is a team by name.
func (t *TeamVisibility) team(name string) (halo.Team, bool) {
	i := slices.IndexFunc(t.Existing, func(e halo.Team) bool { return halo.SameName(e.Name, name) })
	if i < 0 {
		return halo.Team{}, false
	}
	return t.Existing[i], true
}

// settled tells whether every wanted team was listed, all teams where the guide wants the agent in each, and every team of the agent has a name.
func (t *TeamVisibility) settled() bool {
	for _, name := range t.Wanted {
		if _, ok := t.team(name); !ok && !oneOf(t.Member, name) {
			return false
		}
	}
	return (!t.Every || t.AllTeams || t.Complete) && (len(t.Wanted) == 0 || t.Unnamed == 0)
}

func isUnobserved(err error) bool {
	var unobserved *probes.Unobserved
	return errors.As(err, &unobserved)
}
