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

// Format is the format that is written: fixtures/scenarios/scenario.schema.json.
const Format = 1

// ScenarioFile is the name of the scenario in a recording's folder.
const ScenarioFile = "scenario.yaml"

// Scenario is what is written, in the order in which it is written.
type Scenario struct {
	Faults    []string  `yaml:"faults,omitempty"`
	Recording Recording `yaml:"recording"`
}

// Recording is the part of a scenario that says what was answered.
type Recording struct {
	Format   int       `yaml:"format"`
	MadeBy   string    `yaml:"made_by"`
	Base     string    `yaml:"base,omitempty"`
	AuthURL  *string   `yaml:"auth_url,omitempty"` // as typed; nil: nobody typed one
	Tenant   *string   `yaml:"tenant,omitempty"`
	Named    string    `yaml:"named,omitempty"`
	Login    bool      `yaml:"login"`
	Admin    bool      `yaml:"admin"`
	Hosting  string    `yaml:"hosting"`
	Stable   string    `yaml:"stable,omitempty"`
	Teams    []string  `yaml:"teams,omitempty"`
	Vantages []Vantage `yaml:"vantages,omitempty"`
	Answers  []Answers `yaml:"answers"`
}

// Vantage is a vantage point that was looked from.
type Vantage struct {
	Name     string `yaml:"name"`
	Unusable bool   `yaml:"unusable,omitempty"`
}

// Answers are one question and what was said to it, one time after the other.
type Answers struct {
	Ask   string   `yaml:"ask"`
	At    string   `yaml:"at,omitempty"`
	As    string   `yaml:"as,omitempty"`
	From  string   `yaml:"from,omitempty"`
	Scope string   `yaml:"scope,omitempty"`
	Say   []Answer `yaml:"say"`
}

// Answer is one answer, or a connection that broke.
type Answer struct {
	Status  int               `yaml:"status,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
	Body    string            `yaml:"body,omitempty"`
	Break   string            `yaml:"break,omitempty"`
}

// Recording is what the tape of a finished check comes to; madeBy says who recorded.
func (t *Tape) Recording(madeBy string) (Recording, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.session
	info := t.authInfo()
	c, err := newCleaner(s, info.AuthURL)
	if err != nil {
		return Recording{}, err
	}
	r := Recording{
		Format: Format, MadeBy: madeBy, Login: s.Credentials.Given(), Admin: s.Admin.Given(), Hosting: string(s.Target.Host()),
		Named: c.url(info.AuthURL), Base: strings.TrimRight(c.path(c.base), "/"),
	}
	if versionForm.MatchString(s.Stable) {
		r.Stable = strings.TrimSpace(versionForm.FindString(s.Stable))
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

// authInfo is what the instance said of itself; empty where it said nothing.
func (t *Tape) authInfo() (info product.AuthInfo) {
	for _, e := range t.heard {
		if strings.HasSuffix(strings.ToLower(e.path), "/api/authinfo") && e.status == 200 && e.from == "" {
			info = product.ReadAuthInfo(e.body)
		}
	}
	return info
}

// vantages are those that were looked from; one through which nothing came is unusable.
func (t *Tape) vantages(c *cleaner) []Vantage {
	var out []Vantage
	for _, v := range t.session.Vantages {
		through := slices.ContainsFunc(t.heard, func(e exchange) bool { return e.from == v.Name })
		out = append(out, Vantage{Name: c.of(vantageName, v.Name), Unusable: !through})
	}
	return out
}

// answers are the exchanges, by question. They are put in order before anything gets a number, so that the same instance
// gives the same recording.
func (t *Tape) answers(c *cleaner) []Answers {
	heard := slices.Clone(t.heard)
	second := map[wire.Endpoint]int{c.auth: 1}
	slices.SortStableFunc(heard, func(a, b exchange) int {
		return cmp.Or(
			cmp.Compare(a.from, b.from), cmp.Compare(second[a.at], second[b.at]), cmp.Compare(a.as, b.as),
			cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method), cmp.Compare(a.query, b.query), cmp.Compare(a.scope, b.scope))
	})
	var out []Answers
	for _, e := range heard {
		if e.at != c.resource && e.at != c.auth {
			continue // a third host, which no recording has
		}
		q := Answers{Ask: c.ask(e), As: string(e.as), From: c.of(vantageName, e.from), Scope: c.scopes(e.scope)}
		if e.at == c.auth {
			q.At = "authorisation"
		}
		say, ok := c.answer(e)
		if !ok {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].same(q) {
			out[n].Say = append(out[n].Say, say)
			continue
		}
		q.Say = []Answer{say}
		out = append(out, q)
	}
	for n := range out {
		out[n].Say = settled(out[n].Say)
	}
	return out
}

func (a Answers) same(b Answers) bool {
	return a.Ask == b.Ask && a.At == b.At && a.As == b.As && a.From == b.From && a.Scope == b.Scope
}

// settled leaves out repetitions at the end, since the last answer is repeated anyway.
func settled(say []Answer) []Answer {
	for len(say) > 1 && fmt.Sprint(say[len(say)-1]) == fmt.Sprint(say[len(say)-2]) {
		say = say[:len(say)-1]
	}
	return say
}

// scopes are those that a token was asked for with; they are ours.
func (c *cleaner) scopes(asked string) string {
	list := halo.ScopeList(asked)
	for i := range list {
		list[i] = c.scope(list[i])
	}
	return strings.Join(list, " ")
}

// breaks are what a recording calls the causes of an answer that did not come whole. Half an answer is none, so nothing
// else of it is kept.
var breaks = map[string]string{"connection_closed": "drop", "connection_reset": "reset", "timeout": "silence", "answer_malformed": "malformed"}

// answer is what is kept of an answer; ok is false where nothing can be.
func (c *cleaner) answer(e exchange) (a Answer, ok bool) {
	switch {
	case e.status == 0 || e.broke != "":
		a.Break = breaks[e.broke]
		return a, a.Break != ""
	case e.status < http.StatusOK:
		return Answer{Break: "malformed"}, true // what is only on its way is no answer
	}
	return Answer{Status: e.status, Headers: c.headers(e.header), Body: c.body(strings.TrimPrefix(e.path, c.base), e.header.Get("Content-Type"), e.body)}, true
}

// header opens a recorded scenario.
const header = `# What an instance answered to a check, for ` + "`halocheck fake --replay`" + `. Names, ids and addresses are invented; whatever no
# requirement is judged by was left out.
`

// YAML is the scenario's text. It refuses to give out a text that holds a secret in any encoding.
func (t *Tape) YAML(s Scenario) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	if err := yaml.NewEncoder(&b, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true)).Encode(s); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, form := range secret.Forms(t.secrets()...) {
		if len(form) >= minSecret && bytes.Contains(b.Bytes(), []byte(form)) {
			return nil, fmt.Errorf("a secret is in what would be written, so nothing is: an answer repeats it where a word was expected")
		}
	}
	return b.Bytes(), nil
}

// minSecret is the shortest text that is looked for at the end, in bytes: the words of a recording are shorter than that
// or known, and a secret that is a word, such as "secret", is no secret.
const minSecret = 16
