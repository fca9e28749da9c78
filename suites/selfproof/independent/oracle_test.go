package independent_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// wrong is something that a check should not have said or done; key is its kind.
type wrong struct{ key, because string }

// judgeHealthy tells what is wrong with a check of an instance that satisfies the guide: an accusation, a requirement that
// the instance's answers show and that was not judged, a secret astray, a write, a panic.
func judgeHealthy(s *server, o outcome) []wrong {
	list := judgeConduct(s, o)
	for _, f := range o.findings {
		switch f.Status {
		case probes.Failed:
			if f.ID == "agent.role" && len(s.in.roles) == 0 {
				continue // it has none: true, and may be
			}
			list = append(list, wrong{fmt.Sprintf("accused: %s %s", f.ID, f.Cause), f.Because})
		case probes.Broken, probes.Skipped:
			list = append(list, wrong{fmt.Sprintf("%s: %s", f.Status, f.ID), f.Because})
		case probes.Unknown:
			if s.shows(f.ID) {
				list = append(list, wrong{fmt.Sprintf("shown, yet unknown: %s %s", f.ID, f.Cause), f.Because})
			}
		case probes.Blocked:
			if !s.shows(f.BlockedBy) {
				list = append(list, wrong{"blocked by what cannot be shown: " + f.BlockedBy, f.ID + ": " + f.Because})
			}
		}
	}
	return list
}

// judgeBroken tells what is wrong with a check of an instance with one fault: a fail of anything else or for another reason,
// a pass of what is broken, and what is wrong with any check.
func judgeBroken(s *server, o outcome, b fault) []wrong {
	list := judgeConduct(s, o)
	passed, open := []string{}, 0
	for _, f := range o.findings {
		expected, isBroken := b.broken[f.ID]
		also, isAlso := b.also[f.ID]
		switch {
		case f.Status == probes.Failed && (isBroken && slices.Contains(expected, f.Cause) || isAlso && slices.Contains(also, f.Cause)):
			open++
		case f.Status == probes.Failed && f.ID == "agent.role" && len(s.in.roles) == 0:
		case f.Status == probes.Failed:
			list = append(list, wrong{fmt.Sprintf("%s: accused: %s %s", b.name, f.ID, f.Cause), f.Because})
		case f.Status == probes.Broken, f.Status == probes.Skipped:
			list = append(list, wrong{fmt.Sprintf("%s: %s: %s", b.name, f.Status, f.ID), f.Because})
		case isBroken && (f.Status == probes.Passed || f.Status == probes.NotApplicable):
			passed = append(passed, f.ID+": "+f.Because)
		case isBroken:
			open++
		}
	}
	if len(passed) > 0 && (!b.anyOf || open == 0) {
		list = append(list, wrong{b.name + ": a false pass", strings.Join(passed, "\n      ")})
	}
	return list
}

// mostRequests is more than any check needs, with seven roles, refused scopes and everything tried again.
const mostRequests = 70

// judgeConduct is what holds for every check.
func judgeConduct(s *server, o outcome) (list []wrong) {
	if n := len(o.requests); n > mostRequests {
		list = append(list, wrong{"too many requests", fmt.Sprint(n, " requests, such as ", o.requests[n-1].method, " ", o.requests[n-1].path, " ", o.requests[n-1].query)})
	}
	if o.took > time.Minute+time.Second {
		list = append(list, wrong{"too late", o.took.String()})
	}
	for _, p := range o.panics {
		list = append(list, wrong{"panic", p})
	}
	for _, r := range o.requests {
		where := r.method + " " + r.host + r.path
		token := r.method == "POST" && strings.HasSuffix(strings.TrimSuffix(r.path, "/"), "/token")
		if r.method != "GET" && r.method != "HEAD" && !token {
			list = append(list, wrong{"a write", where})
		}
		if r.secret && (r.host != s.hostOfAuth() || strings.TrimSuffix(r.path, "/") != s.form.AuthPath+"/token") {
			list = append(list, wrong{"the secret went astray", where})
		}
		if r.bearer && r.host != s.form.Resource {
			list = append(list, wrong{"a token went astray", where})
		}
	}
	status := map[string]bool{}
	for _, f := range o.findings {
		if f.Status == probes.Failed || f.Status == probes.Unknown || f.Status == probes.Broken {
			status[f.ID] = true
		}
	}
	for _, f := range o.findings {
		if f.Status == probes.Blocked && !o.narrowed && (!status[f.BlockedBy] || f.BlockedBy == f.ID) {
			list = append(list, wrong{"blocked by what is no obstacle: " + f.BlockedBy, f.ID})
		}
		list = append(list, judgeWords(s, f)...)
	}
	return list
}

// settled are words of a remedy that mends what was seen not to hold.
var settled = regexp.MustCompile(`^(Set |Tick |Untick |Upgrade|Renew|Install|Generate a new|Type )`)

// notHosted are things that nobody at a customer of a hosted instance has.
var notHosted = regexp.MustCompile(`(?i)\bfirewall\b|\bIIS\b|event log|certlm`)

// judgeWords holds that a remedy fits what became of its requirement. contract §10.6
func judgeWords(s *server, f probes.Finding) (list []wrong) {
	if f.Remedy == nil {
		if f.Status == probes.Failed || f.Status == probes.Unknown {
			list = append(list, wrong{"no remedy: " + f.ID, f.Because})
		}
		return list
	}
	if f.Status == probes.Unknown && settled.MatchString(f.Remedy.Do) {
		list = append(list, wrong{fmt.Sprintf("unknown, yet told to mend: %s %s", f.ID, f.Cause), f.Remedy.Do})
	}
	if halosOwn := s.form.Resource != "service.northwind.example"; s.in.hosted && halosOwn && notHosted.MatchString(f.Remedy.Do+" "+f.Remedy.Where) {
		list = append(list, wrong{fmt.Sprintf("a hosted customer is sent to a machine of Halo's: %s %s", f.ID, f.Cause), f.Remedy.Do + " | " + f.Remedy.Where})
	}
	if f.Status == probes.Failed && f.Cause != "invalid_client" && strings.Contains(f.Remedy.Do, "enerate a new") {
		list = append(list, wrong{fmt.Sprintf("a new secret is asked for: %s %s", f.ID, f.Cause), f.Remedy.Do})
	}
	return list
}

// shows tells whether what the instance answers, in its form, is enough to judge a requirement.
func (s *server) shows(id string) bool {
	in, f := s.in, s.form
	switch {
	case id == "network.allowlist":
		return in.hosted || in.vantages
	case strings.HasPrefix(id, "network."), strings.HasPrefix(id, "trust."):
		return true
	case id == "product.version":
		return in.hosted || f.InstanceInfo != "refused"
	case id == "application.name":
		return f.Application == "open" || f.Application == "no scopes"
	case id == "application.least-privilege":
		return false // a later step of the property tells when it is shown
	case strings.HasPrefix(id, "application.scope-"):
		return s.namesScopes() || f.Ungranted != "drop"
	case strings.HasPrefix(id, "role."):
		return s.showsClaims(id)
	case id == "agent.role":
		return f.MeRoles == "names" || f.MeRoles == "claims"
	case id == "agent.work-hours":
		return f.Workday == "name"
	case id == "product.tenant":
		return in.typedTenant == nil || f.AuthInfo != "no tenant" || f.TenantNeeded
	case id == "agent.default-team":
		return f.NoTeam != "absent" // nothing may be no team, or nothing that was shown
	case id == "agent.enabled", id == "agent.api-only":
		return f.Flags
	case id == "agent.teams" && len(in.member) == 0 && !s.namesScopes() && f.Ungranted == "drop":
		return false // all:teams stands in for them, and nothing says that it is granted
	case id == "agent.teams":
		return f.TeamNames == "full" && f.TeamList != "paged-stuck" && f.TeamList != "403" && f.MeTeams != "absent" || len(in.teamsWanted) == 0 && f.MeTeams != "absent" && len(in.member) > 0
	}
	return true // product, login, agent.enabled, agent.api-only, agent.username
}

// namesScopes tells whether a token's answer says what it is good for. A server that leaves the field out where all was
// granted says by that that all was granted.
func (s *server) namesScopes() bool { return s.form.ScopeField != "never" }

// showsClaims tells whether enough claims can be read to judge a permission.
func (s *server) showsClaims(id string) bool {
	in, f := s.in, s.form
	if in.threeSteps || in.administrator || in.unclaimed || f.ClaimValues == "words" {
		return false // may be taken for a set of four steps
	}
	if f.ClaimNames != "code" {
		return false // not every code has a longer name that anybody published
	}
	for _, n := range needs {
		if n.id != id {
			continue
		}
		if own, ok := in.own[n.code]; ok && f.MeClaims != "absent" && own >= in.least(n) {
			return true
		}
	}
	switch {
	case f.MeClaims == "merged":
		return true
	case f.MeClaims == "absent" && f.AgentByID != "full":
		return false
	}
	rolesKnown := f.MeRoles == "names" || f.MeRoles == "claims" || f.MeRoles == "ids" || f.AgentByID == "full" && f.MeRoles != "absent" && f.MeRoles != "list"
	return f.MeRoles == "claims" || rolesKnown && (f.Roles == "open" || f.AgentByID == "full")
}
