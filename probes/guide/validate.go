package guide

import (
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/suggest"
)

// Problem is one fault of a guide's file.
type Problem struct {
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`  // from 1; 0: the file as a whole
	Field string `json:"field,omitempty"` // network.addresses[1]; empty: the file as a whole
	Text  string `json:"text"`
}

func (p Problem) Error() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.Field == "" {
		return place + ": " + p.Text
	}
	return place + ": " + p.Field + ": " + p.Text
}

// locator finds the line of a field. It parses the file for that, once more, and only where a problem needs the line.
type locator struct {
	name string
	data []byte
}

// problem is a fault at a path such as network.addresses[1].
func (l locator) problem(path, format string, args ...any) Problem {
	p := Problem{File: l.name, Field: path, Text: fmt.Sprintf(format, args...)}
	file, _ := parser.ParseBytes(l.data, 0) // it decoded, so it parses
	for file != nil && path != "" {         // of what is not written at all, the line of what it belongs to
		if at, err := yaml.PathString("$." + path); err == nil {
			if node, err := at.FilterFile(file); err == nil && node.GetToken() != nil {
				p.Line = node.GetToken().Position.Line
				break
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return p
}

// checker collects the problems of one guide.
type checker struct {
	at    locator
	found []Problem
	ids   map[string]bool
}

func (c *checker) add(path, format string, args ...any) {
	c.found = append(c.found, c.at.problem(path, format, args...))
}

// oneOf reports a value that is not among the choices; an empty one is always allowed.
func (c *checker) oneOf(path, value, what string, choices ...string) {
	if value != "" && !slices.Contains(choices, value) {
		last := len(choices) - 1
		c.add(path, "%q is not %s; use %s", value, what, strings.Join(choices[:last], ", ")+" or "+choices[last])
	}
}

func (c *checker) date(path, value string) {
	if _, err := time.Parse(time.DateOnly, value); value != "" && err != nil {
		c.add(path, "%q is not a date, such as 2026-11-28", value)
	}
}

func (c *checker) page(path, value string) {
	if u, err := url.Parse(value); value != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.add(path, "%q is not the address of a page, such as https://vendor.example/guide", value)
	}
}

var idForm = lazyregexp.New(`^[a-z][a-z0-9-]*$`)

// id reports an id that is malformed or stands twice within its area.
func (c *checker) id(path, area, id string) {
	if key := area + "." + id; !idForm().MatchString(id) {
		c.add(path+".id", "%q is not an id; use small letters, digits and hyphens", id)
	} else if c.ids[key] {
		c.add(path+".id", "%q stands twice", id)
	} else {
		c.ids[key] = true
	}
}

// orQuoted is a choice of words that hold commas.
func orQuoted(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return or(quoted)
}

// problems are all faults that the types cannot express.
func (g *Guide) problems(at locator) []Problem {
	c := &checker{at: at, ids: map[string]bool{}}
	if g.Name == "" {
		c.add("name", "a guide needs a name")
	}
	c.date("as_of", g.AsOf)
	c.oneOf("confidence", g.Confidence, "a confidence", Complete, Partial)
	if len(g.Gaps) > 0 && g.Confidence != Partial {
		c.add("gaps", "a guide with gaps has the confidence %q", Partial)
	}
	for i, page := range g.Sources {
		c.page(fmt.Sprintf("sources[%d].url", i), page.URL)
		c.date(fmt.Sprintf("sources[%d].as_of", i), page.AsOf)
	}
	for path, row := range g.Rows() {
		c.oneOf(path+".level", row.Level, "a level", "must", "should", "may")
		if row.Profile != "all" {
			c.oneOf(path+".profile", row.Profile, "a profile", "billing", "alerts")
		}
		c.oneOf(path+".phase", row.Phase, "a phase", Setup, Run)
	}
	for i, m := range g.Manual {
		c.id(fmt.Sprintf("manual[%d]", i), "manual", m.ID)
		if m.Says == "" {
			c.add(fmt.Sprintf("manual[%d].says", i), "a step by hand says what to do")
		}
	}
	c.network(g.Network)
	c.login(g)
	c.application(g.Application)
	c.role(g.Role)
	c.agent(g.Agent)
	slices.SortStableFunc(c.found, func(a, b Problem) int { return a.Line - b.Line })
	return c.found
}

func (c *checker) network(n *Network) {
	if n == nil {
		return
	}
	c.page("network.source", n.Source)
	c.date("network.as_of", n.AsOf)
	for i, a := range n.Addresses {
		if err := checkAddress(a); err != nil {
			c.add(fmt.Sprintf("network.addresses[%d]", i), "%v", err)
		}
	}
}

var versionForm = lazyregexp.New(`^[0-9]+(\.[0-9]+){1,3}$`)

func (c *checker) login(g *Guide) {
	if v := g.Product.Version; v != nil && v.AtLeast != "" && !versionForm().MatchString(v.AtLeast) {
		c.add("product.version.at_least", "%q is not a version, such as 2.122.1", v.AtLeast)
	}
	if t := g.Product.Tenant; t != nil {
		c.oneOf("product.tenant.form", t.Form, "a form", TenantEmpty, TenantAbsent)
		if t.Form != "" && t.OnPremise != "" {
			c.add("product.tenant.on_premise", "a field that is %s takes no words", t.Form)
		}
	}
	c.url("login.resource_url", g.Login.ResourceURL)
	c.url("login.auth_url", g.Login.AuthURL)
	if s := g.Login.Grant; s != nil {
		c.values("login.grant", s, "a grant", Grants)
	}
}

func (c *checker) url(path string, u *URL) {
	if u != nil {
		c.oneOf(path+".trailing_slash", string(u.TrailingSlash), "a rule", string(SlashMust), string(SlashMustNot))
		c.oneOf(path+".form", u.Form, "a form", Forms...)
		if u.TrailingSlash == SlashMust && (u.Form == FormHost || u.Form == FormLabel) {
			c.add(path+".trailing_slash", "the form %q leaves no room for a slash", u.Form)
		}
	}
}

// values reports the values of a setting that has a fixed list of choices.
func (c *checker) values(path string, s *Setting, what string, choices []string) {
	c.oneOf(path+".value", s.Value, what, choices...)
	for i, v := range s.Values {
		c.oneOf(fmt.Sprintf("%s.values[%d]", path, i), v, what, choices...)
	}
}

func (c *checker) scope(path, name string) {
	if !slices.Contains(Scopes, name) {
		c.add(path, "%q is not a scope that HaloPSA has%s", name, suggest.Text(name, Scopes, ""))
	}
}

func (c *checker) application(a Application) {
	for i, s := range a.Scopes {
		c.scope(fmt.Sprintf("application.scopes[%d].name", i), s.Name)
	}
	for i, s := range a.Forbidden {
		c.scope(fmt.Sprintf("application.forbidden[%d].name", i), s.Name)
	}
	for i, s := range a.AnyOf {
		path := fmt.Sprintf("application.any_of[%d]", i)
		c.id(path, "application", s.ID)
		if len(s.Scopes) < 2 {
			c.add(path+".scopes", "a choice has two scopes or more")
		}
		for j, name := range s.Scopes {
			c.scope(fmt.Sprintf("%s.scopes[%d]", path, j), name)
		}
	}
}

func (c *checker) role(r Role) {
	if r.Administrator != nil {
		c.oneOf("role.administrator.value", r.Administrator.Value, "an answer", Yes, No)
	}
	for i, l := range r.Levels {
		path := fmt.Sprintf("role.levels[%d]", i)
		if Features[l.Feature] == nil {
			c.add(path+".feature", "%q is not a feature with access levels%s", l.Feature, suggest.Text(l.Feature, slices.Sorted(maps.Keys(Features)), ""))
			continue
		}
		c.id(path, "role", l.ID)
		if !IsLevel(l.Feature, l.AtLeast) {
			words := slices.Concat(append(slices.Clone(Features[l.Feature]), uncoded[l.Feature])...)
			c.add(path+".at_least", "%q is not a level of %s; use %s", l.AtLeast, l.Feature, orQuoted(words))
		}
	}
	for i, p := range r.Permissions {
		path := fmt.Sprintf("role.permissions[%d]", i)
		kind, ok := PermissionNamed(p.Permission)
		if !ok {
			var names []string
			for _, k := range Permissions {
				names = append(names, k.Name)
			}
			c.add(path+".permission", "%q is not a permission%s", p.Permission, suggest.Text(p.Permission, names, ""))
			continue
		}
		c.id(path, "role", p.ID)
		switch {
		case p.AtLeast != "" && !slices.Contains(kind.Steps, p.AtLeast):
			c.add(path+".at_least", "%q is not a step of %s", p.AtLeast, p.Permission)
		}
	}
	for i, x := range r.Restrictions {
		path := fmt.Sprintf("role.restrictions[%d]", i)
		c.id(path, "role", x.ID)
		c.oneOf(path+".restriction", x.Restriction, "a restriction", Restrictions...)
		if x.Restriction == "" {
			c.add(path+".restriction", "a restriction needs its name")
		}
	}
}

func (c *checker) agent(a Agent) {
	if a.APIOnly != nil {
		c.oneOf("agent.api_only.value", a.APIOnly.Value, "an answer", Yes, No)
	}
	if a.Departments != nil {
		c.values("agent.departments", a.Departments, "a membership", DepartmentMemberships)
	}
	if a.TeamBoxes != nil {
		c.values("agent.team_boxes", a.TeamBoxes, "a box", TeamBoxes)
	}
	if s := a.DefaultTeam; s != nil && s.Any && len(s.Accepted()) > 0 {
		c.add("agent.default_team.any", "a setting with values cannot take any value")
	}
}

// Rows are all rows of the guide in the order of the format, with their paths: role.levels[0].
func (g *Guide) Rows() iter.Seq2[string, Row] {
	return func(yield func(string, Row) bool) { walk(reflect.ValueOf(g).Elem(), "", yield) }
}

// walk finds the rows within a value: the structs that embed one, or are one.
func walk(v reflect.Value, path string, yield func(string, Row) bool) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || walk(v.Elem(), path, yield)
	case reflect.Slice:
		for i := range v.Len() {
			if !walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i), yield) {
				return false
			}
		}
	case reflect.Struct:
		if row, ok := v.Interface().(Row); ok {
			return yield(path, row)
		}
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			at := strings.TrimPrefix(path+"."+name, ".")
			if options == "inline" {
				at = path
			}
			if name != "-" && !walk(v.Field(i), at, yield) {
				return false
			}
		}
	}
	return true
}

// checkAddress refuses what cannot be a vendor's egress address. A published list once held one with three octets:
// halo-failures §1.1.
func checkAddress(text string) error {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil || !a.Is4():
		if octets := strings.Count(text, ".") + 1; octets != 4 && strings.Trim(text, "0123456789.") == "" {
			return fmt.Errorf("%q is not an IPv4 address: it has %d octets, not four", text, octets)
		}
		return fmt.Errorf("%q is not an IPv4 address", text)
	case a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast():
		return fmt.Errorf("%q is not a public address, so a vendor cannot come from it", text)
	}
	return nil
}
