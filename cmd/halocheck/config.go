package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// settle fills in what was not given as a flag: from the environment, then from the configuration file. A variable that
// is set but empty counts as given, so that an empty Tenant field can be said.
func settle(c *cobra.Command, w world, file string) error {
	given := map[string]bool{}
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for _, v := range variables {
		value := w.getenv(v.name)
		if v.flag == "" || given[v.flag] || value == "" {
			continue
		}
		if err := c.Flags().Set(v.flag, value); err != nil {
			return usagef("%s: %w", v.name, err)
		}
		given[v.flag] = true
	}
	if file == "" {
		return nil
	}
	settings, err := readConfig(file)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		name, _ := setting.Key.(string)
		flag := c.Flags().Lookup(name)
		if flag == nil || name == "config" || name == "help" {
			if contains(secretFlags, name) {
				return usagef("%s: a secret does not belong into a configuration file; name a file with client-secret-file", file)
			}
			return usagef("%s: there is no setting %q; the names are those of the flags", file, name)
		}
		if given[name] {
			continue
		}
		values, ok := setting.Value.([]any)
		if !ok {
			values = []any{setting.Value}
		}
		for _, value := range values {
			if err := c.Flags().Set(name, fmt.Sprint(value)); err != nil {
				return usagef("%s: %s: %w", file, name, err)
			}
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// readConfig reads a YAML map of flag names.
func readConfig(file string) (yaml.MapSlice, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, usagef("--config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig))
	if err != nil {
		return nil, usagef("--config: %w", err)
	}
	var settings yaml.MapSlice
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowDuplicateKey()).Decode(&settings); err != nil && !errors.Is(err, io.EOF) {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, usagef("%s:%d: %s", file, syntax.GetToken().Position.Line, syntax.GetMessage())
		}
		return nil, usagef("%s: %s", file, strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return settings, nil
}
