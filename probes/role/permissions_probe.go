// Package role judges what the agent's roles allow: access levels, ticket permissions and restrictions. Nothing of it is
// tried out; it is read from the claims of the agent and its roles (halo-api §6).
package role

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// Permissions is the evidence of what the agent may do.
type Permissions struct {
	Agent  halo.Agent                  `json:"agent"`             // completed by what /Agent/{id} and /Roles/{id} add
	Hidden []string                    `json:"hidden,omitempty"`  // roles whose claims nobody shows
	SeenBy map[string]halo.Identity    `json:"seen_by,omitempty"` // "/Roles/ID" or "/Agent/ID", and whose credentials saw it
	Lists  map[string]application.List `json:"lists,omitempty"`
	Scoped map[string]bool             `json:"scoped,omitempty"` // features whose list the application was seen to have a scope for
}

// Complete tells whether no claim can be missing: every role shows its own, or the agent's read like merged ones.
func (r Permissions) Complete() bool { return len(r.Hidden) == 0 || r.Agent.Grants().LooksComplete() }

// maxRoles bounds how many roles are looked at one by one; an integration's agent has one.
const maxRoles = 3

// EffectivePermissions reads the agent, its roles and the lists that they open.
var EffectivePermissions = &probes.Probe[Permissions]{
	Name: "role.rights",
	Asks: "GET /api/Agent/{id} and /api/Roles/{id} where /Agent/me leaves fields or claims out; before that, what login.me (GET /api/Agent/me), application.lists (GET of one row of each list) and application.scopes ask",
	Look: func(ctx context.Context, s *probes.Session) (Permissions, error) {
		probes.Begin(ctx, s, application.ListAccess) // beside /Agent/me, not after it
		me, err := probes.Need(ctx, s, login.Agent)
		if err != nil {
			return Permissions{}, err
		}
		r := Permissions{Agent: *me.Agent, SeenBy: map[string]halo.Identity{}}
		if lists, err := probes.Look(ctx, s, application.ListAccess); err == nil {
			r.Lists = lists
		}
		if scopes, err := probes.Look(ctx, s, application.GrantedScopes); err == nil {
			r.Scoped = map[string]bool{}
			for feature := range r.Lists {
				r.Scoped[feature] = scopes.Names(feature)
			}
		}
		if lacksFields(r.Agent) {
			if err := r.askAgent(ctx, s); err != nil {
				return r, err
			}
		}
		return r, r.askRoles(ctx, s)
	},
}

// lacksFields tells whether an agent's record leaves out what requirements are judged by.
func lacksFields(a halo.Agent) bool {
	claims := 0
	for _, h := range a.Grants() {
		claims += len(h.Claims)
	}
	return claims == 0 || a.Disabled == nil || a.APIOnly == nil || !a.Fields.Teams || !a.Fields.Roles
}

// askAgent completes the agent from its own record.
func (r *Permissions) askAgent(ctx context.Context, s *probes.Session) error {
	if r.Agent.ID == "" {
		return nil
	}
	path := "Agent/" + url.PathEscape(string(r.Agent.ID))
	body, who, err := details(ctx, s, path)
	if err != nil || body == nil {
		return err
	}
	fuller, err := halo.DecodeAgent(body)
	if err != nil || fuller == nil || fuller.ID != r.Agent.ID {
		return nil //nolint:nilerr // an answer of another shape adds nothing
	}
	r.SeenBy["/"+path] = who
	mergeRecords(&r.Agent, *fuller)
	return nil
}

// askRoles reads the claims of roles that the agent's record names without them.
func (r *Permissions) askRoles(ctx context.Context, s *probes.Session) error {
	if !r.Agent.Fields.Roles && !r.Agent.Grants().LooksComplete() {
		r.Hidden = append(r.Hidden, "its roles")
	}
	for i := range r.Agent.Roles {
		role := &r.Agent.Roles[i]
		if len(role.Claims) > 0 {
			continue
		}
		var body []byte
		if role.ID != "" && i < maxRoles && (s.Admin.Given() || !r.Agent.Grants().LooksComplete()) {
			path := "Roles/" + url.PathEscape(string(role.ID))
			var who halo.Identity
			var err error
			if body, who, err = details(ctx, s, path); err != nil {
				return err
			}
			if body != nil {
				r.SeenBy["/"+path] = who
			}
		}
		if fuller := halo.DecodeRole(body); fuller != nil && len(fuller.Claims) > 0 {
			*role = *fuller
			continue
		}
		r.Hidden = append(r.Hidden, role.Name)
	}
	return nil
}

// details asks for one record with the integration's credentials and, where those are refused, with the admin's. The body
// is nil where nobody is shown it.
func details(ctx context.Context, s *probes.Session, path string) ([]byte, halo.Identity, error) {
	for _, who := range []halo.Identity{halo.Integration, halo.Admin} {
		if who == halo.Admin && !s.Admin.Given() {
			break
		}
		page, err := halo.Get(ctx, s, who, path, url.Values{"includedetails": {"true"}})
		var unobserved *probes.Unobserved
		switch {
		case err != nil && (ctx.Err() != nil || errors.As(err, &unobserved)):
			return nil, who, err
		case err != nil:
			continue // silence shows as little as a refusal
		}
		if page.Status == http.StatusOK {
			return page.Body, who, nil
		}
	}
	return nil, "", nil
}

// builtIn are the requirements that a report always has a line for: contract §6.
var builtIn = []struct{ id, says string }{
	{"clients-level", levelSays("clients", "Read Only")},
	{"items-level", levelSays("items", "Read and Modify")},
	{"invoices-level", levelSays("invoices", "Read, Create and Modify")},
	{"contracts-level", levelSays("contracts", "Read and Modify")},
	{"tickets-level", levelSays("tickets", "Read and Modify")},
	{"add-tickets", permissionSays("add-tickets")},
	{"edit-closed-tickets", permissionSays("edit-closed-tickets")},
	{"edit-others-tickets", permissionSays("edit-others-tickets")},
	{"view-others-tickets", permissionSays("view-others-tickets")},
	{"edit-advanced-details", permissionSays("edit-advanced-details")},
	{"all-ticket-types", restrictionSays("ticket-types")},
	{"all-clients", restrictionSays("clients")},
}

// All is the area in report order.
func All(g *guide.Guide) []probes.Check {
	var checks []probes.Check
	asked := map[string]bool{}
	for _, row := range g.Role.Levels {
		checks = append(checks, level(g, row))
	}
	for _, row := range g.Role.Permissions {
		checks = append(checks, permission(g, row))
	}
	for _, row := range g.Role.Restrictions {
		checks = append(checks, restriction(g, row))
	}
	for _, c := range checks {
		asked[c.Meta().ID] = true
	}
	for _, r := range builtIn {
		if !asked["role."+r.id] {
			checks = append(checks, application.NotAsked(g, "role."+r.id, probes.Must, r.says))
		}
	}
	return checks
}
