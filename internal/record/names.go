package record

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes/guide"
)

// Kinds of names; a pseudonym is the kind and a number, counted in the order in which the names are first met.
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

// names give each name its pseudonym. Names that a requirement would take for the same are the same here: case and
// surrounding blanks do not count.
type names struct {
	kept  map[string][]string // by kind: names of the guide, which stay
	given map[[2]string]string
	ids   map[string]string
	count map[string]int
}

func newNames(g *guide.Guide) *names {
	values := func(s *guide.Setting) []string {
		if s == nil {
			return nil
		}
		return s.Values
	}
	n := &names{given: map[[2]string]string{}, ids: map[string]string{}, count: map[string]int{}, kept: map[string][]string{
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

// of is the pseudonym of a name; nothing stays nothing.
func (n *names) of(kind, name string) string {
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
	for n.given[key] == "" {
		n.count[kind]++
		separator := " "
		if kind == strings.ToLower(kind) {
			separator = "-" // it stands in a URL or on a command line
		}
		if made := fmt.Sprintf("%s%s%d", kind, separator, n.count[kind]); isKept(made) < 0 {
			n.given[key] = made
		}
	}
	return n.given[key]
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// id is the pseudonym of an id, a number for a number and a GUID for any other; nothing and 0 mean that there is none.
func (n *names) id(text string) string {
	if text == "" || text == "0" {
		return text
	}
	key := strings.ToLower(text)
	if n.ids[key] == "" {
		next := len(n.ids) + 1
		if n.ids[key] = fmt.Sprint(next); !digits.MatchString(text) {
			n.ids[key] = fmt.Sprintf("00000000-0000-4000-8000-%012d", next)
		}
	}
	return n.ids[key]
}
