package guide_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestWhatAFieldTakes has for each kind of value one that will do and those that will not.
func TestWhatAFieldTakes(t *testing.T) {
	t.Chdir(t.TempDir())
	const noValue = "it names no value, so it asks for nothing; give it one, such as {value: …}"
	const noPage = "is not the address of a page, such as https://vendor.example/guide"
	for _, c := range []struct{ text, want string }{
		{"sources: [{url: 'https://vendor.example/guide'}]", ""},
		{"sources: [{url: 'http://vendor.example/guide'}]", `sources[0].url: "http://vendor.example/guide" ` + noPage},
		{"sources: [{url: 'https://'}]", `sources[0].url: "https://" ` + noPage},
		{"sources: [{url: 'https://[::1'}]", `sources[0].url: "https://[::1" ` + noPage},
		{"network: {addresses: [3.19.3.152]}", ""},
		{"network: {addresses: ['2001:db8::1']}", `network.addresses[0]: "2001:db8::1" is not an IPv4 address`},
		{"network: {addresses: [1.2.3.400]}", `network.addresses[0]: "1.2.3.400" is not an IPv4 address`},
		{"network: {addresses: [vendor.example]}", `network.addresses[0]: "vendor.example" is not an IPv4 address`},
		{"network: {addresses: [1.2.3.4.5]}", `network.addresses[0]: "1.2.3.4.5" is not an IPv4 address: it has 5 octets, not four`},
		{"login: {auth_url: {form: origin, trailing_slash: must}}", ""},
		{"login: {auth_url: {form: host, trailing_slash: must not}}", ""},
		{"login: {auth_url: {form: host, trailing_slash: must}}", `login.auth_url.trailing_slash: the form "host" leaves no room for a slash`},
		{"login: {auth_url: {form: label, trailing_slash: must}}", `login.auth_url.trailing_slash: the form "label" leaves no room for a slash`},
		{"application: {any_of: [{id: a, scopes: [all, admin]}]}", ""},
		{"application: {any_of: [{id: a, scopes: []}]}", "application.any_of[0].scopes: a choice has two scopes or more"},
		{"application: {any_of: [{id: a, scopes: [all, admin]}], forbidden: [{name: all}]}", ""},
		{"application: {any_of: [{id: a, scopes: [all, admin]}], forbidden: [{name: all}, {name: admin}]}", "application.any_of[0]: each of all or admin is forbidden under application.forbidden"},
		{"login: {method: {}}", "login.method: " + noValue},
		{"login: {login_type: {values: []}}", "login.login_type: " + noValue},
		{"login: {grant: {}}", "login.grant: " + noValue},
		{"application: {name: {}}", "application.name: " + noValue},
		{"agent: {username: {}}", "agent.username: " + noValue},
		{"agent: {role: {}}", "agent.role: " + noValue},
		{"agent: {default_team: {}}", "agent.default_team: " + noValue},
		{"agent: {work_hours: {label: Work hours}}", "agent.work_hours: " + noValue},
		{"agent: {team_boxes: {}}", "agent.team_boxes: " + noValue},
		{"agent: {departments: {}}", ""}, // any department
		{"agent: {work_hours: {any: true}}", ""},
		{"network: {}", "network: it lists no addresses, so nobody can let them in"},
		{"role: {permissions: [{permission: edit-actions, at_least: own}, {id: other, permission: edit-actions, at_least: own}]}", ""},
		{"role: {permissions: [{permission: edit-actions, at_least: own}, {id: other, permission: edit-actions, at_least: all}]}", "role.permissions[1]: two rows ask for different steps of edit-actions"},
	} {
		if err := os.WriteFile("g.yaml", []byte("name: X\n"+c.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := guide.Lint(t.Context(), "g.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range found {
			if p.Line != 2 {
				t.Errorf("%s: it stands on line %d", c.text, p.Line)
			}
			got = append(got, p.Field+": "+p.Text)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
}

// TestRows are told in the order of the format, those behind a list and those behind a section that is left out as well, and
// who has seen enough gets no more.
func TestRows(t *testing.T) {
	g := &guide.Guide{
		Network: &guide.Network{}, Trust: &guide.Row{}, Login: guide.Login{AuthURL: &guide.URL{}, Agent: &guide.Row{}},
		Application: guide.Application{Scopes: []guide.Scope{{}, {}}, Forbidden: []guide.Scope{{}}}, Manual: []guide.Manual{{}},
	}
	want := strings.Fields("network trust login.auth_url login.agent application.scopes[0] application.scopes[1] application.forbidden[0] manual[0]")
	for most := range len(want) {
		var got []string
		for path := range g.Rows() {
			if got = append(got, path); len(got) > most {
				break
			}
		}
		if diff := cmp.Diff(want[:most+1], got); diff != "" {
			t.Error(diff)
		}
	}
}
