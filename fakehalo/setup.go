package fakehalo

import "slices"

// Setup is how administrators have set an instance up for an integration, where that differs from the healthy one.
type Setup struct {
	Scopes        []string       // of the API application
	LoginType     string         // empty: Agent
	Claims        map[string]int // of the role, by code, beside the healthy ones: levels, permissions, lifted restrictions (halo-api §6)
	Administrator bool
	OrdinaryAgent bool   // the agent is not API-only
	DefaultTeam   string // empty: No Default Team
	WorkHours     string // empty: Default Working Hours
	AllTeams      bool   // the agent belongs to every team
	Department    bool   // the agent belongs to a department
	Version       string // of HaloPSA; empty: the stable one
	NoSlash       bool   // the Authorisation Server was typed without its closing slash
}

// With is an instance set up otherwise. It is given with the faults of a start, before them.
func With(set Setup) Fault {
	return Fault{Name: "setup", Says: "The instance is set up for other integrations.", apply: set.apply}
}

func (set Setup) apply(i *instance) {
	i.app.scopes = slices.Clone(set.Scopes)
	if set.LoginType != "" && set.LoginType != "Agent" {
		i.app.loginType = set.LoginType
	}
	for code, value := range set.Claims {
		delete(i.role.permissions, code)
		i.role.levels[code] = value
	}
	i.role.administrator = set.Administrator
	i.agent.apiOnly, i.agent.defaultTeam = !set.OrdinaryAgent, set.DefaultTeam
	if set.WorkHours != "" {
		i.agent.workday = set.WorkHours
	}
	if set.AllTeams {
		i.agent.teams = slices.Clone(i.teams)
	}
	i.agent.department = set.Department
	if set.Version != "" {
		i.version = set.Version
	}
	if set.NoSlash {
		i.typed.AuthURL = authPlaceholder + noSlash
	}
}
