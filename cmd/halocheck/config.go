package main

import (
	"context"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/yamlfile"
)

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
	settings, err := readConfig(c.Context(), file)
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
	return usagef("%s:%d: there is no setting %q%s; the names are those of the flags", file, s.line, s.name, suggest.Text(s.name, names, ""))
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
func readConfig(ctx context.Context, file string) ([]configEntry, error) {
	data, err := yamlfile.Read(ctx, "--config", file)
	if err != nil {
		return nil, err
	}
	return parseConfig(file, data)
}

// parseConfig reads a YAML map of flag names to plain values or lists of them.
func parseConfig(file string, data []byte) ([]configEntry, error) {
	documents, err := yamlfile.Documents(file, data)
	if err != nil {
		return nil, err
	}
	var settings []configEntry
	for _, body := range documents {
		entries, ok := yamlfile.Entries(body)
		if !ok {
			return nil, usagef("%s:%d: it is not a map of settings; a line looks like `tenant: acme`", file, yamlfile.Line(body))
		}
		for _, e := range entries {
			values, err := yamlfile.Scalars(e.Value)
			if err != nil {
				return nil, usagef("%s:%d: %s: %w", file, e.Line, e.Key, err)
			}
			settings = append(settings, configEntry{e.Key, e.Line, values})
		}
	}
	return settings, nil
}
