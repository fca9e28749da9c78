package settings

import (
	"context"
	"fmt"
	"slices"

	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/yamlfile"
)

// Entry is one line of a configuration file.
type Entry struct {
	Name   string
	Line   int      // from 1
	Values []string // one, or those of a list
}

// SecretNames are names under which somebody may give a secret itself. No setting has one of them, because a secret on a
// command line is seen by everybody on the machine, and one in a file of settings by everybody who may read that.
var SecretNames = []string{"client-secret", "admin-secret", "admin-client-secret", "secret", "password"}

// ReadConfig sets what was not given from a configuration file: a YAML map of names to plain values or lists of them. What
// is a setting elsewhere alone is passed over, so that one file serves every command.
func (v *Values) ReadConfig(ctx context.Context, file string) error {
	data, err := yamlfile.Read(ctx, "--config", file)
	if err != nil {
		return err
	}
	entries, err := ParseConfig(file, data)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, s := range v.table {
		given[s.Name] = v.Given(s.Name)
	}
	known := v.all.In(Config)
	for _, e := range entries {
		if _, ok := known.Lookup(e.Name); !ok {
			return unknownEntry(known, file, e)
		}
		if _, here := v.table.Lookup(e.Name); !here || given[e.Name] {
			continue
		}
		for _, value := range e.Values {
			if err := v.Set(e.Name, value); err != nil {
				return fmt.Errorf("%s:%d: %s: %w", file, e.Line, e.Name, err)
			}
		}
	}
	return nil
}

// unknownEntry refuses a name that is no setting's.
func unknownEntry(known Table, file string, e Entry) error {
	if slices.Contains(SecretNames, e.Name) {
		return fmt.Errorf("%s:%d: a secret does not belong into a configuration file; name a file with client-secret-file", file, e.Line)
	}
	return fmt.Errorf("%s:%d: there is no setting %q%s; the names are those of the flags", file, e.Line, e.Name, suggest.Text(e.Name, known.Names(), ""))
}

// ParseConfig reads the text of a configuration file.
func ParseConfig(file string, data []byte) ([]Entry, error) {
	documents, err := yamlfile.Documents(file, data)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, body := range documents {
		entries, ok := yamlfile.Entries(body)
		if !ok {
			return nil, fmt.Errorf("%s:%d: it is not a map of settings; a line looks like `tenant: acme`", file, yamlfile.Line(body))
		}
		for _, e := range entries {
			values, err := yamlfile.Scalars(e.Value)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", file, e.Line, e.Key, err)
			}
			out = append(out, Entry{e.Key, e.Line, values})
		}
	}
	return out, nil
}
