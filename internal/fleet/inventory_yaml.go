package fleet

import (
	"errors"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml/ast"

	"github.com/halocheck/halocheck/internal/settings"
)

// entry is one key of a YAML map.
type entry struct {
	name  string
	line  int
	value ast.Node
}

// line is the line of the file at which a node starts, from 1; 0 where it is unknown.
func (l *inventoryParser) line(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return l.before + n.GetToken().Position.Line
}

// entries returns the keys of a map and refuses repeated ones.
func (l *inventoryParser) entries(field string, body ast.Node) ([]entry, error) {
	var values []*ast.MappingValueNode
	switch n := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, inventoryError(l.file, l.line(n), field, "it is not a map of settings; a line looks like `tenant: acme`")
	}
	var out []entry
	seen := map[string]int{}
	for _, v := range values {
		e := entry{name: v.Key.GetToken().Value, line: l.line(v.Key), value: v.Value}
		if first, twice := seen[e.name]; twice {
			return nil, inventoryError(l.file, e.line, joinNonEmpty(field, safeKey(e.name)), "it is given twice; line %d has it first", first)
		}
		seen[e.name] = e.line
		out = append(out, e)
	}
	return out, nil
}

// safeKey returns a key as an error message may repeat it.
func safeKey(name string) string {
	if len(name) > 40 || strings.ContainsAny(name, "\r\n") {
		return "a key"
	}
	return name
}

// block reads the defaults, a group, or an entry, which alone has a name and groups.
func (l *inventoryParser) block(field string, body ast.Node, isInstance bool) (block, error) {
	b := block{line: l.line(body)}
	entries, err := l.entries(field, body)
	if err != nil {
		return b, err
	}
	if len(entries) > 0 {
		b.line = entries[0].line
	}
	for _, e := range entries {
		if e.name == "name" && isInstance {
			if b.name, err = scalarText(e.value); err == nil {
				field = b.name
			}
		}
	}
	for _, e := range entries {
		err = nil
		switch {
		case e.name == "name" && isInstance:
			_, err = scalarText(e.value)
		case e.name == "groups" && isInstance:
			b.groups, err = textList(e.value)
		case e.name == "labels":
			b.labels, err = l.labels(field, e)
		default:
			var s Setting
			if s, err = l.readSetting(field, e); err == nil {
				b.settings = append(b.settings, s)
			}
		}
		var placed *InventoryError
		if err != nil && !errors.As(err, &placed) {
			err = inventoryError(l.file, e.line, joinNonEmpty(field, safeKey(e.name)), "%s", err.Error())
		}
		if err != nil {
			return b, err
		}
	}
	return b, l.checkExclusive(field, b)
}

// checkExclusive refuses two settings of a block that exclude each other.
func (l *inventoryParser) checkExclusive(field string, b block) error {
	for i, s := range b.settings {
		for _, before := range b.settings[:i] {
			if otherForm[s.Name] == before.Name {
				return inventoryError(l.file, s.Line, joinNonEmpty(field, s.Name), "it and %s exclude each other; leave one of them out", before.Name)
			}
		}
	}
	return nil
}

// labelKey is read as a metric's label too.
func labelKey(name string) bool {
	return variableName().MatchString(strings.ReplaceAll(name, "-", "_")) && len(name) <= 64
}

// maxLabel bounds a label's value, in bytes.
const maxLabel = 256

func (l *inventoryParser) labels(field string, e entry) (map[string]string, error) {
	entries, err := l.entries(joinNonEmpty(field, "labels"), e.value)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, x := range entries {
		if !labelKey(x.name) {
			return nil, inventoryError(l.file, x.line, joinNonEmpty(field, "labels"), "a label's name has ASCII letters, digits, hyphens and underscores, 64 at most")
		}
		value, err := scalarText(x.value)
		if err != nil {
			return nil, inventoryError(l.file, x.line, joinNonEmpty(field, "labels: "+x.name), "%s", err.Error())
		}
		if len(value) > maxLabel {
			return nil, inventoryError(l.file, x.line, joinNonEmpty(field, "labels: "+x.name), "its value is longer than %d bytes", maxLabel)
		}
		out[x.name] = value
	}
	return out, nil
}

// readSetting reads one setting of the table.
func (l *inventoryParser) readSetting(field string, e entry) (Setting, error) {
	row, known := l.table.Lookup(e.name)
	if !known {
		return Setting{}, l.unknown(field, e)
	}
	s := Setting{Name: e.name, Line: e.line}
	var err error
	if row.Repeatable {
		s.Values, err = textList(e.value)
	} else {
		var value string
		value, err = scalarText(e.value)
		s.Values = []string{value}
	}
	if err != nil {
		return s, err
	}
	for _, value := range s.Values {
		if value == "" && !row.AllowEmpty {
			return s, errors.New("it is empty")
		}
		if (e.name == "url" || e.name == "auth-url" || e.name == "via") && holdsPassword(value) {
			return s, errors.New("the URL holds a password, and a secret does not belong into an inventory")
		}
	}
	if row.Type == settings.SecretReference {
		if _, wrong := parseReference(strings.ReplaceAll(s.Values[0], "{name}", "x")); wrong != "" {
			return s, errors.New(wrong)
		}
	}
	return s, nil
}

func (l *inventoryParser) unknown(field string, e entry) error {
	if slices.Contains(secretKeys, strings.ToLower(e.name)) {
		return inventoryError(l.file, e.line, field, "a secret does not belong into an inventory; say where it is with client-secret: file:PATH")
	}
	hint := ""
	for _, name := range append(l.settingNames(), "name", "groups", "labels") {
		if levenshtein.ComputeDistance(e.name, name) <= max(1, len(e.name)/4) {
			hint = " (did you mean " + name + "?)"
			break
		}
	}
	return inventoryError(l.file, e.line, field, "there is no setting %q%s", safeKey(e.name), hint)
}

// textList reads a scalar, or a list of them.
func textList(n ast.Node) ([]string, error) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		value, err := scalarText(n)
		return []string{value}, err
	}
	values := []string{}
	for _, item := range sequence.Values {
		value, err := scalarText(item)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil, errors.New("the list is empty; leave it out")
	}
	return values, nil
}

// scalarText returns a scalar as it is written: 2.190 stays a version and does not become a number.
func scalarText(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.NullNode:
		return "", errors.New("it has no value; an empty one is written \"\"")
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("it is not plain text")
}
