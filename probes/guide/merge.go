package guide

import (
	"cmp"
	"fmt"
	"slices"
)

// Together is what several guides ask for in one: every scope, row and address of each. Nobody judges by it. It says what has to
// be asked so that each guide can be judged.
func Together(guides []*Guide) *Guide {
	if len(guides) == 1 {
		return guides[0]
	}
	all := &Guide{}
	for _, g := range guides {
		all.Name = cmp.Or(all.Name, g.Name)
		all.Trust = first(all.Trust, g.Trust)
		all.Product.Version = first(all.Product.Version, g.Product.Version)
		if t := all.Product.Tenant; t == nil || t.OnPremise == "" {
			all.Product.Tenant = first(g.Product.Tenant, t)
		}
		if g.Network != nil {
			if all.Network == nil {
				all.Network = &Network{}
			}
			all.Network.Addresses = joined(all.Network.Addresses, g.Network.Addresses)
		}
		a := &all.Application
		a.Name = first(a.Name, g.Application.Name)
		a.LeastPrivilege = first(a.LeastPrivilege, g.Application.LeastPrivilege)
		for _, s := range g.Application.Scopes {
			if !slices.ContainsFunc(a.Scopes, func(o Scope) bool { return o.Name == s.Name }) {
				a.Scopes = append(a.Scopes, s)
			}
		}
		a.Forbidden = append(a.Forbidden, g.Application.Forbidden...)
		a.AnyOf = append(a.AnyOf, g.Application.AnyOf...)
		all.request = joined(all.request, g.ScopesToRequest())
		all.Role.Administrator = first(all.Role.Administrator, g.Role.Administrator)
		all.Role.Levels = append(all.Role.Levels, g.Role.Levels...)
		all.Role.Permissions = append(all.Role.Permissions, g.Role.Permissions...)
		all.Role.Restrictions = append(all.Role.Restrictions, g.Role.Restrictions...)
		if t := g.Agent.Teams; all.Agent.Teams == nil || t != nil && t.Value == All {
			all.Agent.Teams = t
		}
		all.Agent.Username = eitherOf(all.Agent.Username, g.Agent.Username)
		all.Agent.Role = eitherOf(all.Agent.Role, g.Agent.Role)
		all.Agent.DefaultTeam = eitherOf(all.Agent.DefaultTeam, g.Agent.DefaultTeam)
		all.Agent.WorkHours = eitherOf(all.Agent.WorkHours, g.Agent.WorkHours)
	}
	return all
}

// Distinct checks that guides judged together can be told apart by their names.
func Distinct(guides []*Guide) error {
	for i, g := range guides {
		if at := slices.IndexFunc(guides[:i], func(o *Guide) bool { return o.Name == g.Name }); at >= 0 {
			if guides[at].Edition == g.Edition {
				return fmt.Errorf("the guide %q is named twice", g.Name)
			}
			return fmt.Errorf("two editions of the guide %q cannot be judged together: %q and %q", g.Name, guides[at].Edition, g.Edition)
		}
	}
	return nil
}

func first[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// eitherOf takes the values of both.
func eitherOf(a, b *Setting) *Setting {
	if a == nil || b == nil {
		return first(a, b)
	}
	both := *a
	both.Values = joined(slices.Clone(a.Values), b.Values)
	return &both
}

func joined(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
