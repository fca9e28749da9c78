// Package guide reads a vendor's requirements as data: which addresses, levels, scopes and settings it asks for, and
// where it says so. What they mean, and how they are seen, is code elsewhere. A guide that leaves a section out does
// not ask for it.
package guide

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/document"
)

// Parse reads and validates a guide; name is used in errors only.
func Parse(name string, data []byte) (*Guide, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; a guide starts with `name:`", name)
	}
	if err := document.CheckYAML(data, document.Settings); err != nil {
		return nil, document.In(name, err)
	}
	return decode(name, data)
}

// decode reads and validates a guide whose size and nesting are within bounds.
func decode(name string, data []byte) (*Guide, error) {
	var g Guide
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&g); err != nil {
		return nil, unreadable(name, data, err)
	}
	g.fill()
	if found := g.problems(locator{name, data}); len(found) > 0 {
		return nil, found[0]
	}
	g.Text = string(data)
	return &g, nil
}

// fill gives rows the ids and labels that they go by where the guide names none.
func (g *Guide) fill() {
	for i := range g.Manual {
		g.Manual[i].ID = cmp.Or(g.Manual[i].ID, fmt.Sprintf("step-%d", i+1))
	}
	for i := range g.Role.Levels {
		l := &g.Role.Levels[i]
		l.AtLeast = asLabelled(l.Feature, l.AtLeast)
		l.ID, l.Label = cmp.Or(l.ID, l.Feature+"-level"), cmp.Or(l.Label, LevelLabel(l.Feature))
	}
	for i := range g.Role.Permissions {
		p := &g.Role.Permissions[i]
		kind, _ := PermissionNamed(p.Permission)
		p.ID, p.Label = cmp.Or(p.ID, p.Permission), cmp.Or(p.Label, kind.Label)
	}
	for i := range g.Role.Restrictions {
		x := &g.Role.Restrictions[i]
		x.ID, x.Label = cmp.Or(x.ID, "all-"+x.Restriction), cmp.Or(x.Label, RestrictionLabel(x.Restriction))
	}
}

// UnmarshalYAML takes the words, and the true and false of older guides.
func (s *Slash) UnmarshalYAML(unmarshal func(any) error) error {
	var words string
	if err := unmarshal(&words); err != nil {
		return err
	}
	switch words {
	case "true":
		*s = SlashMust
	case "false", "either":
		*s = SlashEither
	default:
		*s = Slash(words)
	}
	return nil
}

// unreadable turns the parser's error into one line with its place. Where plain text stands for a row, it says how a row is written.
func unreadable(name string, data []byte, err error) Problem {
	p := Problem{File: name, Text: err.Error()}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return p
	}
	p.Text = syntax.GetMessage()
	at := syntax.GetToken()
	if at == nil || at.Position == nil {
		return p
	}
	p.Line = at.Position.Line
	var mistyped *yaml.UnexpectedNodeTypeError
	if errors.As(err, &mistyped) {
		p.Field = fieldAt(data, at.Position.Offset)
		switch {
		case mistyped.Expected == ast.MappingType:
			p.Text = fmt.Sprintf("write a map here, such as {%s: %q}", mainKey(p.Field), at.Value)
		case mistyped.Expected == ast.SequenceType:
			p.Text = "write a list here, such as [a, b]"
		}
	}
	return p
}

// fieldAt is the path of what starts at an offset of a file; empty where nothing is found.
func fieldAt(data []byte, offset int) string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return ""
	}
	for _, d := range file.Docs {
		f := finder{offset: offset}
		if ast.Walk(&f, d.Body); f.path != "" {
			return strings.TrimPrefix(f.path, "$.")
		}
	}
	return ""
}

// finder looks for the node at an offset.
type finder struct {
	offset int
	path   string
}

// Visit is called for each node.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	if _, key := n.(ast.MapKeyNode); n.GetToken() != nil && n.GetToken().Position.Offset == f.offset && (!key || f.path == "") {
		f.path = n.GetPath()
	}
	return f
}

// mainKey is the key under which a row has what somebody would write as plain text.
func mainKey(field string) string {
	for _, rows := range []struct{ prefix, key string }{
		{"sources", "url"}, {"manual", "says"}, {"application.scopes", "name"}, {"application.forbidden", "name"}, {"application.any_of", "id"},
		{"role.levels", "feature"}, {"role.permissions", "permission"}, {"role.restrictions", "restriction"},
		{"login.auth_url", "form"}, {"login.resource_url", "form"}, {"product.tenant", "on_premise"}, {"product.version", "at_least"}, {"network", "source"},
	} {
		if strings.HasPrefix(field, rows.prefix) {
			return rows.key
		}
	}
	return "value"
}
