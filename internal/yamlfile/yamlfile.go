// Package yamlfile reads small YAML files of settings. Every error is one line that names the file and, where it is known,
// the line.
package yamlfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize bounds a file, in bytes.
const MaxSize = 1 << 20

// Read reads a file of at most [MaxSize] bytes. The label is the setting that names the file, for the error.
func Read(label, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", label, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", label, err)
	case len(data) > MaxSize:
		return nil, fmt.Errorf("%s %s: the file is larger than %d MiB", label, name, MaxSize>>20)
	}
	return data, nil
}

// Documents are the bodies of the documents in data. A body is nil where a document is empty.
func Documents(file string, data []byte) ([]ast.Node, error) {
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
