package catalogue_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// ids are the contract: never renamed, never reused.
const ids = `
network.resolves network.reachable network.allowlist
trust.handshake trust.chain trust.name trust.in-date trust.strength trust.revocation trust.consistent trust.tidy trust.renewal
product.answers product.version product.tenant
login.auth-url-slash login.auth-url login.secret-form login.token login.login-type login.agent
application.name application.scope-read-customers application.scope-read-contracts application.scope-edit-contracts
application.scope-read-items application.scope-edit-items application.scope-read-invoices application.scope-edit-invoices
application.scope-read-tickets application.scope-edit-tickets application.least-privilege
role.clients-level role.items-level role.invoices-level role.contracts-level role.tickets-level
role.add-tickets role.edit-closed-tickets role.edit-others-tickets role.view-others-tickets role.edit-advanced-details
role.all-ticket-types role.all-clients
agent.enabled agent.api-only agent.username agent.role agent.default-team agent.work-hours agent.teams
`

func TestEveryRequirementOfTheContractIsListed(t *testing.T) {
	var listed []string
	for _, c := range catalogue.All(guide.BuiltIn()) {
		if id := c.Meta().ID; !slices.Contains(listed, id) {
			listed = append(listed, id)
		}
	}
	want := strings.Fields(ids)
	slices.Sort(want)
	slices.Sort(listed)
	if !slices.Equal(listed, want) {
		t.Errorf("listed:\n%s\nwanted:\n%s", strings.Join(listed, "\n"), strings.Join(want, "\n"))
	}
}

func TestEveryRequirementIsWellFormed(t *testing.T) {
	seen := map[string]int{}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		m := c.Meta()
		seen[m.ID]++
		if seen[m.ID] > 1 && !m.PerHost {
			t.Errorf("%s is listed twice", m.ID)
		}
		if !strings.HasSuffix(m.Says, ".") || strings.Contains(m.Says, "\n") {
			t.Errorf("%s: %q is not one sentence with a full stop", m.ID, m.Says)
		}
		if m.Asks == "" || m.Probe == "" {
			t.Errorf("%s does not say what is asked", m.ID)
		}
		if m.Remedy.Do == "" || m.Remedy.Who == "" || m.Remedy.Where == "" {
			t.Errorf("%s has no remedy with a place: %+v", m.ID, m.Remedy)
		}
		if m.Source.Section == "" {
			t.Errorf("%s has no source", m.ID)
		}
		if len(m.Causes) == 0 {
			t.Errorf("%s reports no cause", m.ID)
		}
	}
}

func TestARequirementStandsInTheFileThatItsIDNames(t *testing.T) {
	// Rows of the guide and settings of a kind stand together; everything else has a file of its own.
	families := map[string]string{
		"application.scope-": "scopes.go", "role.": "",
	}
	for _, id := range strings.Fields(ids) {
		area, name, _ := strings.Cut(id, ".")
		file := strings.ReplaceAll(name, "-", "_") + ".go"
		for prefix, family := range families {
			if strings.HasPrefix(id, prefix) {
				file = family
			}
		}
		if file == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", area, file)); err != nil {
			t.Errorf("%s: there is no %s/%s", id, area, file)
		}
	}
}

// Whoever reads one requirement alone learns what goes over the wire for it, not only which probe asks.
func TestEveryQuestionIsToldInWordsOfTheWire(t *testing.T) {
	wire := regexp.MustCompile(`\b(GET|POST|HEAD|handshakes?|TCP|AAAA|OCSP)\b|^nothing$`)
	for _, c := range catalogue.All(guide.BuiltIn()) {
		if m := c.Meta(); !wire.MatchString(m.Asks) {
			t.Errorf("%s: %q tells nothing of the wire", m.ID, m.Asks)
		}
	}
}
