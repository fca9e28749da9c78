// Package yamlfile reads small YAML files of settings. Every error is one line that names the file and, where it is known,
// the line.
package yamlfile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/document"
)

// Read reads a file within [document.Settings]. The label is the setting that names the file, for the error.
func Read(ctx context.Context, label, name string) ([]byte, error) {
	data, err := document.ReadFile(ctx, name, document.Settings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", label, err)
	}
	return data, nil
}

// Documents are the bodies of the documents in data. A body is nil where a document is empty.
func Documents(file string, data []byte) ([]ast.Node, error) {
	if err := document.CheckYAML(data, document.Settings); err != nil {
		return nil, document.In(file, err)
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(file, err)
	}
	var bodies []ast.Node
	for _, d := range parsed.Docs {
		bodies = append(bodies, d.Body)
	}
	return bodies, nil
}

// Entry is one key of a map with its value.
type Entry struct {
	Key   string
	Line  int // from 1
	Value ast.Node
}

// Entries are the entries of a map; an empty document has none. The second result is false where node is no map.
func Entries(node ast.Node) ([]Entry, bool) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, true
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, false
	}
	var out []Entry
	for _, v := range values {
		token := v.Key.GetToken()
		out = append(out, Entry{Key: token.Value, Line: token.Position.Line, Value: v.Value})
	}
	return out, true
}

// Items are the items of a list; an empty document has none. The second result is false where node is no list.
func Items(node ast.Node) ([]ast.Node, bool) {
	switch n := node.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, true
	case *ast.SequenceNode:
		return n.Values, true
	}
	return nil, false
}

// Line is where a node starts, from 1.
func Line(node ast.Node) int { return node.GetToken().Position.Line }

// Scalars are a plain value, or the values of a list, as written: 2.190 stays a version and never becomes a number.
func Scalars(node ast.Node) ([]string, error) {
	switch n := node.(type) {
	case *ast.SequenceNode:
		var values []string
		for _, item := range n.Values {
			value, err := Scalars(item)
			if err != nil {
				return nil, err
			}
			values = append(values, value...)
		}
		return values, nil
	case *ast.LiteralNode:
		return []string{n.Value.Value}, nil
	case *ast.NullNode:
		return nil, errors.New("it has no value; an empty one is written \"\"")
	case ast.ScalarNode:
		return []string{n.GetToken().Value}, nil
	}
	return nil, errors.New("it is neither a plain value nor a list of them")
}

// syntaxError is the parser's complaint as one line with its place.
func syntaxError(file string, err error) error {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", file, syntax.GetToken().Position.Line, syntax.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: %s", file, first)
}
