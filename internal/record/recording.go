package record

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/product"
)

// Format is the version of the recording format: fixtures/scenarios/scenario.schema.json.
const Format = 1

// ScenarioFile is the name of the scenario in a recording's folder.
const ScenarioFile = "scenario.yaml"

// Scenario is the content of a scenario file, in the order of its keys.
type Scenario struct {
	Faults    []string  `yaml:"faults,omitempty"`
	Recording Recording `yaml:"recording"`
}

// Recording is the part of a scenario that holds the answers.
type Recording struct {
	Format       int       `yaml:"format"`
	MadeBy       string    `yaml:"made_by"`
	BasePath     string    `yaml:"base,omitempty"`
	AuthURL      *string   `yaml:"auth_url,omitempty"` // as typed; nil: nobody typed one
	Tenant       *string   `yaml:"tenant,omitempty"`
	NamedAuthURL string    `yaml:"named,omitempty"`
	Login        bool      `yaml:"login"`
	Admin        bool      `yaml:"admin"`
	Hosting      string    `yaml:"hosting"`
	Stable       string    `yaml:"stable,omitempty"`
	Teams        []string  `yaml:"teams,omitempty"`
	Vantages     []Vantage `yaml:"vantages,omitempty"`
	Answers      []Answers `yaml:"answers"`
}

// Vantage is a vantage point of the check.
type Vantage struct {
	Name     string `yaml:"name"`
	Unusable bool   `yaml:"unusable,omitempty"`
}

// Answers are the successive answers to one question.
type Answers struct {
	Question  string   `yaml:"ask"`
	Server    string   `yaml:"at,omitempty"`
	Principal string   `yaml:"as,omitempty"`
	Vantage   string   `yaml:"from,omitempty"`
	Scope     string   `yaml:"scope,omitempty"`
	Replies   []Answer `yaml:"say"`
}

// Answer is an HTTP answer, or a broken connection.
type Answer struct {
	Status  int               `yaml:"status,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
	Body    string            `yaml:"body,omitempty"`
	Break   string            `yaml:"break,omitempty"`
}

// Recording returns the sanitised answers of a finished check; madeBy names the tool and its version.
func (t *Capture) Recording(madeBy string) (Recording, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.session
	info := t.authInfo()
	c, err := newSanitiser(s, info.AuthURL)
	if err != nil {
		return Recording{}, err
	}
	r := Recording{
		Format: Format, MadeBy: madeBy, Login: s.Credentials.Given(), Admin: s.Admin.Given(), Hosting: string(s.Hosting()),
		NamedAuthURL: c.url(info.AuthURL), BasePath: strings.TrimRight(c.path(c.base), "/"),
	}
	if versionForm().MatchString(s.Stable) {
		r.Stable = strings.TrimSpace(versionForm().FindString(s.Stable))
	}
	if s.Target.AuthTyped {
		typed := c.url(s.Target.AuthURL)
		r.AuthURL = &typed
	}
	if s.Target.TenantTyped {
		typed := c.of(tenantName, s.Target.Tenant)
		r.Tenant = &typed
	}
	for _, team := range s.Teams {
		r.Teams = append(r.Teams, c.of(teamName, team))
	}
	r.Vantages = t.vantages(c)
	r.Answers = t.answers(c)
	return r, nil
}

// authInfo is the instance's own description; empty where it gave none.
func (t *Capture) authInfo() (info product.AuthInfo) {
	for _, e := range t.exchanges {
		if strings.HasSuffix(strings.ToLower(e.path), "/api/authinfo") && e.status == 200 && e.from == "" {
			info = product.ReadAuthInfo(e.body)
		}
	}
	return info
}

// vantages are the check's vantage points; one without any answer is unusable.
func (t *Capture) vantages(c *sanitiser) []Vantage {
	var out []Vantage
	for _, v := range t.session.Vantages {
		through := slices.ContainsFunc(t.exchanges, func(e exchange) bool { return e.from == v.Name })
		out = append(out, Vantage{Name: c.of(vantageName, v.Name), Unusable: !through})
	}
	return out
}

// answers groups the exchanges by question. It sorts them before pseudonyms are assigned, so that the same instance gives the
// same recording.
func (t *Capture) answers(c *sanitiser) []Answers {
	heard := slices.Clone(t.exchanges)
	second := map[wire.Endpoint]int{c.auth: 1}
	slices.SortStableFunc(heard, func(a, b exchange) int {
		return cmp.Or(
			cmp.Compare(a.from, b.from), cmp.Compare(second[a.endpoint], second[b.endpoint]), cmp.Compare(a.principal, b.principal),
			cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method), cmp.Compare(a.query, b.query), cmp.Compare(a.scope, b.scope))
	})
	var out []Answers
	for _, e := range heard {
		if e.endpoint != c.resource && e.endpoint != c.auth {
			continue // recordings have no third host
		}
		q := Answers{Question: c.question(e), Principal: string(e.principal), Vantage: c.of(vantageName, e.from), Scope: c.scopes(e.scope)}
		if e.endpoint == c.auth {
			q.Server = "authorisation"
		}
		say, ok := c.answer(e)
		if !ok {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].same(q) {
			out[n].Replies = append(out[n].Replies, say)
			continue
		}
		q.Replies = []Answer{say}
		out = append(out, q)
	}
	for n := range out {
		out[n].Replies = trimRepeats(out[n].Replies)
	}
	return out
}

func (a Answers) same(b Answers) bool {
	return a.Question == b.Question && a.Server == b.Server && a.Principal == b.Principal && a.Vantage == b.Vantage && a.Scope == b.Scope
}

// trimRepeats drops repetitions at the end, since a replay repeats the last answer.
func trimRepeats(say []Answer) []Answer {
	for len(say) > 1 && fmt.Sprint(say[len(say)-1]) == fmt.Sprint(say[len(say)-2]) {
		say = say[:len(say)-1]
	}
	return say
}

// scopes returns the scopes of a token request.
func (c *sanitiser) scopes(asked string) string {
	list := halo.ScopeList(asked)
	for i := range list {
		list[i] = c.scope(list[i])
	}
	return strings.Join(list, " ")
}

// breakNames maps the cause of a missing or incomplete answer to its name in a recording. Nothing else of such an answer is
// kept.
var breakNames = map[string]string{"connection_closed": "drop", "connection_reset": "reset", "timeout": "silence", "answer_malformed": "malformed"}

// answer sanitises an answer; ok is false where nothing of it can be kept.
func (c *sanitiser) answer(e exchange) (a Answer, ok bool) {
	switch {
	case e.status == 0 || e.failure != "":
		a.Break = breakNames[e.failure]
		return a, a.Break != ""
	case e.status < http.StatusOK:
		return Answer{Break: "malformed"}, true // 1xx is no final answer
	}
	return Answer{Status: e.status, Headers: c.headers(e.header), Body: c.body(strings.TrimPrefix(e.path, c.base), e.header.Get("Content-Type"), e.body)}, true
}

// header is the comment at the top of a recorded scenario.
const header = `# What an instance answered to a check, for ` + "`halocheck fake --replay`" + `. Names, ids and addresses are invented; whatever no
# requirement is judged by was left out.
`

// YAML returns the scenario's text, or an error where the text holds a secret in any encoding.
func (t *Capture) YAML(s Scenario) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	if err := yaml.NewEncoder(&b, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true)).Encode(s); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, form := range secret.Encodings(t.secrets()...) {
		if len(form) >= minSecret && bytes.Contains(b.Bytes(), []byte(form)) {
			return nil, fmt.Errorf("a secret is in what would be written, so nothing is: an answer repeats it where a word was expected")
		}
	}
	return b.Bytes(), nil
}

// minSecret is the length of the shortest secret that YAML searches for, in bytes. Shorter ones may equal a word of the format.
const minSecret = 16
