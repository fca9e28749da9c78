package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes/guide"
)

// Kinds of names. A pseudonym is the kind and a number, in the order of first use.
const (
	agentName       = "Agent"
	applicationName = "Application"
	clientName      = "Client"
	departmentName  = "Department"
	roleName        = "Role"
	teamName        = "Team"
	ticketTypeName  = "Ticket Type"
	workdayName     = "Work Hours"
	tenantName      = "tenant"
	vantageName     = "vantage"
	pathName        = "path"
)

// pseudonyms assigns the pseudonyms. Names that differ in case or surrounding blanks alone get the same one, as requirements
// compare them.
type pseudonyms struct {
	kept     map[string][]string // names of the guide by kind, which are kept
	assigned map[[2]string]string
	ids      map[string]string
	count    map[string]int
}

func newPseudonyms(g *guide.Guide) *pseudonyms {
	values := func(s *guide.Setting) []string {
		if s == nil {
			return nil
		}
		return s.Values
	}
	n := &pseudonyms{assigned: map[[2]string]string{}, ids: map[string]string{}, count: map[string]int{}, kept: map[string][]string{
		agentName: values(g.Agent.Username), roleName: values(g.Agent.Role), workdayName: values(g.Agent.WorkHours),
		teamName: values(g.Agent.DefaultTeam), tenantName: {"Not set"},
	}}
	if g.Application.Name != nil {
		n.kept[applicationName] = []string{g.Application.Name.Value}
	}
	if g.Product.Tenant != nil && g.Product.Tenant.OnPremise != "" {
		n.kept[tenantName] = append(n.kept[tenantName], g.Product.Tenant.OnPremise)
	}
	if g.Network != nil {
		n.kept[vantageName] = g.Network.Addresses
	}
	n.kept[pathName] = []string{"api", "auth", "token", "portal", "authinfo"}
	return n
}

// of returns the pseudonym of a name; empty stays empty.
func (n *pseudonyms) of(kind, name string) string {
	plain := strings.ToLower(strings.TrimSpace(name))
	if plain == "" {
		return ""
	}
	isKept := func(text string) int {
		return slices.IndexFunc(n.kept[kind], func(k string) bool { return strings.EqualFold(strings.TrimSpace(k), text) })
	}
	if at := isKept(plain); at >= 0 {
		return n.kept[kind][at]
	}
	key := [2]string{kind, plain}
	for n.assigned[key] == "" {
		n.count[kind]++
		separator := " "
		if kind == strings.ToLower(kind) {
			separator = "-" // used in URLs and on command lines
		}
		if made := fmt.Sprintf("%s%s%d", kind, separator, n.count[kind]); isKept(made) < 0 {
			n.assigned[key] = made
		}
	}
	return n.assigned[key]
}

var digits = lazyregexp.New(`^[0-9]+$`)

// id returns the pseudonym of an id: a number for a number, else a GUID. Empty and 0 mean that there is no id.
func (n *pseudonyms) id(text string) string {
	if text == "" || text == "0" {
		return text
	}
	key := strings.ToLower(text)
	if n.ids[key] == "" {
		next := len(n.ids) + 1
		if n.ids[key] = fmt.Sprint(next); !digits().MatchString(text) {
			n.ids[key] = fmt.Sprintf("00000000-0000-4000-8000-%012d", next)
		}
	}
	return n.ids[key]
}
