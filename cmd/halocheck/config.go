package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// maxConfig bounds a configuration file and a file of waivers, in bytes.
const maxConfig = 1 << 20

// applySettings fills in what was not given as a flag: from the environment, then from the configuration file. An empty
// variable counts as unset, as everywhere; that a field is empty can be said with a flag or in the file.
func applySettings(c *cobra.Command, env environment, file string) error {
	given := map[string]bool{}
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for _, v := range variables {
		value := env.getenv(v.name)
		if v.flag == "" || given[v.flag] || value == "" {
			continue
		}
		given[v.flag] = true
		if v.sensitive {
			continue
		}
		if err := c.Flags().Set(v.flag, value); err != nil {
			return usagef("%s: %w", v.name, err)
		}
	}
	if file == "" {
		return nil
	}
	settings, err := readConfig(file)
	if err != nil {
		return err
	}
	for _, s := range settings {
		if c.Flags().Lookup(s.name) == nil || s.name == "config" || s.name == "help" {
			return unknownSetting(c, file, s)
		}
		if given[s.name] {
			continue
		}
		for _, value := range s.values {
			if err := c.Flags().Set(s.name, value); err != nil {
				return usagef("%s:%d: %s: %w", file, s.line, s.name, err)
			}
		}
	}
	return nil
}

// unknownSetting refuses a name that is no flag's.
func unknownSetting(c *cobra.Command, file string, s configEntry) error {
	if contains(secretFlags, s.name) {
		return usagef("%s:%d: a secret does not belong into a configuration file; name a file with client-secret-file", file, s.line)
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return usagef("%s:%d: there is no setting %q%s; the names are those of the flags", file, s.line, s.name, suggest(s.name, names, ""))
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// configEntry is one line of a configuration file; a list has several values.
type configEntry struct {
	name   string
	line   int
	values []string
}

// readConfig reads a configuration file.
func readConfig(file string) ([]configEntry, error) {
	data, err := readBounded("--config", file)
	if err != nil {
		return nil, err
	}
	return parseConfig(file, data)
}

// readBounded reads a file of settings, which a flag names.
func readBounded(flag, file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, usagef("%s: %w", flag, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		return nil, usagef("%s: %w", flag, err)
	case len(data) > maxConfig:
		return nil, usagef("%s %s: the file is larger than %d MiB", flag, file, maxConfig>>20)
	}
	return data, nil
}

// parseConfig reads a YAML map of flag names to plain values or lists of them, each value as it is written: 2.190 stays
// a version and never becomes a number.
func parseConfig(file string, data []byte) ([]configEntry, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(file, err)
	}
	var settings []configEntry
	for _, d := range doc.Docs {
		entries, err := mappings(file, d.Body)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			at := e.Key.GetToken()
			s := configEntry{name: at.Value, line: at.Position.Line}
			if s.values, err = scalarValues(e.Value); err != nil {
				return nil, usagef("%s:%d: %s: %w", file, s.line, s.name, err)
			}
			settings = append(settings, s)
		}
	}
	return settings, nil
}

// mappings are the entries of a YAML map; an empty document has none.
func mappings(file string, body ast.Node) ([]*ast.MappingValueNode, error) {
	switch n := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	}
	return nil, usagef("%s:%d: it is not a map of settings; a line looks like `tenant: acme`", file, body.GetToken().Position.Line)
}

// scalarValues is a value, or the values of a list, as written.
func scalarValues(n ast.Node) ([]string, error) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		var values []string
		for _, item := range n.Values {
			value, err := scalarValues(item)
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

// yamlError is the parser's complaint as one line with its place.
func yamlError(file string, err error) error {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		return usagef("%s:%d: %s", file, syntax.GetToken().Position.Line, syntax.GetMessage())
	}
	return usagef("%s: %s", file, strings.SplitN(err.Error(), "\n", 2)[0])
}
