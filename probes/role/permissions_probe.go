// Package role judges what the agent's roles allow: access levels, ticket permissions and restrictions. Nothing of it is
// tried out; it is read from the claims of the agent and its roles (halo-api §6).
package role

import (
	"cmp"
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
	Hidden []string                    `json:"hidden,omitempty"`  // roles whose claims were not shown
	Unread []halo.Answer               `json:"unread,omitempty"`  // the requests that did not show them
	SeenBy map[string]halo.Identity    `json:"seen_by,omitempty"` // "/Roles/ID" or "/Agent/ID", and whose credentials saw it
	Admin  string                      `json:"admin,omitempty"`   // why the admin credentials, where there are any, read nothing
	Lists  map[string]application.List `json:"lists,omitempty"`
	Scoped map[string]bool             `json:"scoped,omitempty"` // features whose list the application was seen to have a scope for
}

// Complete tells whether no claim can be missing: every role shows its own. The agent's own claims never stand for those of
// a role that was not read: contract §10, 4.
func (r Permissions) Complete() bool { return len(r.Hidden) == 0 }

// maxRoles bounds how many roles are read one by one, so that no server keeps halocheck busy. An integration's agent has
// a few.
const maxRoles = 100

// EffectivePermissions reads the agent, its roles and the lists that they open.
var EffectivePermissions = &probes.Probe[Permissions]{
	Name: "role.rights",
	Asks: "GET /api/Agent/{id} and /api/Roles/{id} where what /Agent/me shows does not meet every row of the guide; before that, what login.me (GET /api/Agent/me), application.lists (GET of one row of each list) and application.scopes ask",
	Look: func(ctx context.Context, s *probes.Session) (Permissions, error) {
		probes.Begin(ctx, s, application.ListAccess) // beside /Agent/me and further records, not after them
		probes.Begin(ctx, s, application.GrantedScopes)
		me, err := probes.Need(ctx, s, login.Agent)
		if err != nil {
			return Permissions{}, err
		}
		r := Permissions{Agent: *me.Agent, SeenBy: map[string]halo.Identity{}}
		if r.Hidden = hidden(r.Agent); !r.sufficient(s) {
			if err := r.complete(ctx, s); err != nil {
				return r, err
			}
		}
		if lists, err := probes.Look(ctx, s, application.ListAccess); err == nil {
			r.Lists = lists
		}
		if scopes, err := probes.Look(ctx, s, application.GrantedScopes); err == nil {
			r.Scoped = map[string]bool{}
			for feature := range r.Lists {
				r.Scoped[feature] = scopes.Names(feature)
			}
		}
		return r, nil
	},
}

// complete reads the records that show more of the agent and its roles. An error means that the run is over.
func (r *Permissions) complete(ctx context.Context, s *probes.Session) error {
	if lacksFields(r.Agent) {
		if err := r.readAgent(ctx, s); err != nil {
			return err
		}
	}
	err := r.readRoles(ctx, s)
	r.Hidden = hidden(r.Agent)
	return err
}

// lacksFields tells whether an agent's record leaves out what requirements are judged by: fields, or the claims of a role.
func lacksFields(a halo.Agent) bool {
	claims := 0
	for _, h := range a.EffectiveClaims() {
		claims += len(h.Claims)
	}
	return claims == 0 || len(hidden(a)) > 0 || a.Disabled == nil || a.APIOnly == nil || !a.Fields.Teams
}

// readAgent completes the agent from its own record.
func (r *Permissions) readAgent(ctx context.Context, s *probes.Session) error {
	if r.Agent.ID == "" {
		return nil
	}
	return r.read(ctx, s, "Agent/"+url.PathEscape(string(r.Agent.ID)), func(body []byte) bool {
		fuller, err := halo.DecodeAgent(body)
		if err != nil || fuller == nil || fuller.ID != r.Agent.ID {
			return false
		}
		mergeRecords(&r.Agent, *fuller)
		return !lacksFields(r.Agent)
	})
}

// hidden names whose claims and roles are not shown.
func hidden(a halo.Agent) (names []string) {
	if !a.Fields.Claims && len(a.Claims) == 0 {
		names = append(names, "the agent itself")
	}
	if !a.Fields.Roles {
		names = append(names, "its roles")
	}
	for _, role := range a.Roles {
		if !role.ShowsClaims() {
			names = append(names, cmp.Or(role.Name, "the role "+string(role.ID)))
		}
	}
	return names
}

// readRoles reads the claims of roles that the agent's record names without them.
func (r *Permissions) readRoles(ctx context.Context, s *probes.Session) error {
	for i := range r.Agent.Roles[:min(len(r.Agent.Roles), maxRoles)] {
		role := &r.Agent.Roles[i]
		if role.ShowsClaims() || role.ID == "" {
			continue
		}
		err := r.read(ctx, s, "Roles/"+url.PathEscape(string(role.ID)), func(body []byte) bool {
			fuller := halo.DecodeRole(body)
			if fuller == nil || !fuller.ShowsClaims() {
				return false
			}
			fuller.Name = cmp.Or(fuller.Name, role.Name)
			*role = *fuller
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// read asks for one record with the integration's credentials and, where those do not show enough of it, with the admin's.
// enough decodes a body and tells whether it does. An error means that the run is over.
func (r *Permissions) read(ctx context.Context, s *probes.Session, path string, enough func(body []byte) bool) error {
	for _, who := range []halo.Identity{halo.Integration, halo.Admin} {
		if who == halo.Admin && !s.Admin.Given() {
			break
		}
		page, err := halo.Get(ctx, s, who, path, url.Values{"includedetails": {"true"}})
		var unobserved *probes.Unobserved
		switch {
		case err != nil && ctx.Err() != nil:
			return err
		case errors.As(err, &unobserved):
			if who == halo.Admin {
				r.Admin = unobserved.Because // what the application's own token shows is not spoiled by it
			}
			continue
		case err == nil && page.Status == http.StatusOK:
			r.SeenBy["/"+path] = who
			if enough(page.Body) {
				return nil
			}
		}
		if who == halo.Integration {
			r.Unread = append(r.Unread, halo.NewAnswer(path, page, err))
		}
	}
	return nil
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
	if g.Role.Administrator != nil {
		checks = append(checks, administrator(g, *g.Role.Administrator))
	}
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
			checks = append(checks, probes.NotAsked(g, "role."+r.id, probes.Must, r.says))
		}
	}
	return checks
}
