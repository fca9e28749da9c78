package settings

import (
	"fmt"
	"strings"
)

// variables lists the variables that are read.
func (t Table) variables() string {
	var b strings.Builder
	for _, s := range t {
		if s.Variable != "" {
			fmt.Fprintf(&b, "  %-25s %s (--%s)\n", s.Variable, s.Plain(), s.Name)
		}
	}
	for _, v := range Ambient {
		fmt.Fprintf(&b, "  %-25s %s\n", v.Name, v.Description)
	}
	return b.String()
}

// entries lists what a configuration file may hold.
func (t Table) entries() string {
	var b strings.Builder
	for _, s := range t.In(Config) {
		text := s.Plain()
		if s.Type == SecretFile {
			text = "the file with " + text
		}
		if s.Repeatable {
			text += "; may be a list"
		}
		fmt.Fprintf(&b, "  %-19s %s\n", s.Name, text)
	}
	return b.String()
}

// secrets names the settings that say where a secret is, and the variables that hold one.
func (t Table) secrets() (files, variables, references string) {
	var f, v, r []string
	for _, s := range t {
		switch s.Type {
		case SecretFile:
			f = append(f, "--"+s.Name)
			if s.Variable != "" {
				v = append(v, s.Variable)
			}
		case SecretReference:
			r = append(r, s.Name)
		case Text, Word, Duration, Switch, File:
		}
	}
	return strings.Join(f, " and "), strings.Join(v, " or "), strings.Join(r, " and ")
}
