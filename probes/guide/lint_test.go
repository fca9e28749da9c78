package guide_test

import (
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

func TestLint(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, want := range map[string]string{
		"name: X\n":          "",
		"name: X\nrole: [\n": "g.yaml:2: ",
		"":                   "g.yaml: the file is empty; a guide starts with `name:`",
		// Plain text where a row is a map: the field is named, and how it is written.
		"name: X\napplication:\n  scopes: ['read:tickets']\n":    `g.yaml:3: application.scopes[0]: write a map here, such as {name: "read:tickets"}`,
		"name: X\nsources: ['https://x.example/']\n":             `g.yaml:2: sources[0]: write a map here, such as {url: "https://x.example/"}`,
		"name: X\nagent:\n  api_only: yes\n":                     `g.yaml:3: agent.api_only: write a map here, such as {value: "yes"}`,
		"name: X\nmanual: [Log in.]\n":                           `g.yaml:2: manual[0]: write a map here, such as {says: "Log in."}`,
		"name: X\nrole: {levels: [tickets]}\n":                   `g.yaml:2: role.levels[0]: write a map here, such as {feature: "tickets"}`,
		"name: X\nrole: {permissions: [add-tickets]}\n":          `g.yaml:2: role.permissions[0]: write a map here, such as {permission: "add-tickets"}`,
		"name: X\nrole: {restrictions: [clients]}\n":             `g.yaml:2: role.restrictions[0]: write a map here, such as {restriction: "clients"}`,
		"name: X\nlogin: {auth_url: host}\n":                     `g.yaml:2: login.auth_url: write a map here, such as {form: "host"}`,
		"name: X\nproduct: {version: 2.190}\n":                   `g.yaml:2: product.version: write a map here, such as {at_least: "2.190"}`,
		"name: X\nmanual: [{says: Log in.}]\n":                   "",
		"name: X\nmanual:\n  - {note: why}\n":                    "g.yaml:3: manual[0].says: a step by hand says what to do",
		"name: X\nrole: {levels: [{feature: sales orders}]}\n":   `g.yaml:2: role.levels[0].feature: "sales orders" is not a feature with access levels (did you mean sales-orders?)`,
		"name: X\nrole: {levels: [{feature: tickets}]}\n":        `g.yaml:2: role.levels[0].at_least: "" is not a level of tickets; use "No Access", "Read Only" or "Read and Modify"`,
		"name: X\nrole: {permissions: [{permission: export}]}\n": `g.yaml:2: role.permissions[0].permission: "export" is not a permission (did you mean export-tickets?)`,
		"name: X\nnetwrk: {}\n":                                  `g.yaml:2: unknown field "netwrk"`,
		"name: X\nnetwork: {addresses: [3.138.54]}\napplication:\n  scopes:\n    - {name: \"write:tickets\"}\n    - {name: all}\n  forbidden:\n    - {name: all}\n": `g.yaml:2: network.addresses[0]: "3.138.54" is not an IPv4 address: it has 3 octets, not four
g.yaml:5: application.scopes[0].name: "write:tickets" is not a scope that HaloPSA has (did you mean read:tickets or edit:tickets?)
g.yaml:6: application.scopes[1]: all is asked for here and forbidden under application.forbidden`,
		"name: X\nrole:\n  levels:\n    - {feature: invoices, at_least: Read and Modify}\n    - {id: other, feature: invoices, at_least: Read Only}\n": "g.yaml:5: role.levels[1].at_least: Read Only is asked for here and Read and Modify in another row of invoices",
		"name: X\nlogin: {grant: {value: password}}\nagent: {api_only: {}}\n":                                                                          "g.yaml:3: agent.api_only: an API-only agent cannot sign in with a password, which login.grant asks for",
		"name: X\napplication:\n  least_privilege: {}\n  scopes:\n    - {name: admin}\n":                                                               "g.yaml:5: application.scopes[0]: admin gives everything, while application.least_privilege asks for nothing more than is needed",
	} {
		if err := os.WriteFile("g.yaml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := guide.Lint(t.Context(), "g.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range found {
			lines = append(lines, p.Error())
		}
		got := strings.Join(lines, "\n")
		if strings.HasSuffix(want, ": ") && strings.HasPrefix(got, want) {
			continue
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for _, name := range guide.Names() {
		for _, p := range guide.LintNamed(name) {
			t.Error(p)
		}
	}
}
