package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/suggest"
)

// Values are what the settings of one check were set to.
type Values struct {
	all   Table // whatever its place
	table Table // those that can be given here
	flags *pflag.FlagSet
}

// NewValues are the settings of a table that can be given in one of the scopes, each with its default.
func NewValues(table Table, scopes Scope) *Values {
	v := &Values{table, table.In(scopes), pflag.NewFlagSet("settings", pflag.ContinueOnError)}
	v.flags.SortFlags = false
	for _, s := range v.table {
		switch usage := s.Usage(); {
		case s.CommaSeparated:
			v.flags.StringSlice(s.Name, nil, usage)
		case s.Repeatable:
			v.flags.StringArray(s.Name, nil, usage)
		case s.Type == Duration:
			d, err := time.ParseDuration(s.Default)
			if s.Default != "" && err != nil {
				panic("settings: the default of " + s.Name + " is no duration") // a mistake in the table
			}
			v.flags.Duration(s.Name, d, usage)
			v.flags.Lookup(s.Name).NoOptDefVal = s.Bare
		case s.Type == Switch:
			v.flags.Bool(s.Name, s.Default == "true", usage)
		default:
			v.flags.String(s.Name, s.Default, usage)
		}
	}
	return v
}

// AddFlags makes flags of the settings of a place.
func (v *Values) AddFlags(to *pflag.FlagSet, scope Scope) {
	for _, s := range v.table.In(scope) {
		if !s.Argument {
			to.AddFlag(v.flags.Lookup(s.Name))
		}
	}
}

// Set gives a setting a value, or one more where it is repeatable. The error says what the value has to look like, without
// repeating it.
func (v *Values) Set(name, value string) error {
	s, ok := v.table.Lookup(name)
	if !ok {
		return fmt.Errorf("there is no setting %q", name)
	}
	if err := v.flags.Set(name, value); err != nil {
		return fmt.Errorf("it is not %s", s.Form())
	}
	return nil
}

// Default gives a setting values where it has none.
func (v *Values) Default(name string, values ...string) error {
	if v.Given(name) {
		return nil
	}
	for _, value := range values {
		if err := v.Set(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Form says what a value of the setting looks like.
func (s Setting) Form() string { return Forms[formOf(s)] }

// Forms say what a value looks like, by the type of a flag.
var Forms = map[string]string{
	"duration": "a duration; it looks like 90s or 2m", "bool": "true or false; the flag alone means true",
	"stringSlice": "a list of names with commas between them", "uint64": "a whole number from 0", "int": "a whole number",
}

func formOf(s Setting) string {
	switch {
	case s.CommaSeparated:
		return "stringSlice"
	case s.Type == Duration:
		return "duration"
	case s.Type == Switch:
		return "bool"
	}
	return "string"
}

// Given tells whether a setting was given, be it empty.
func (v *Values) Given(name string) bool {
	f := v.flags.Lookup(name)
	return f != nil && f.Changed
}

// Text is a setting's value.
func (v *Values) Text(name string) string {
	f := v.flags.Lookup(name)
	if f == nil {
		return ""
	}
	return f.Value.String()
}

// List are the values of a repeatable setting.
func (v *Values) List(name string) []string {
	if f := v.flags.Lookup(name); f != nil {
		if list, ok := f.Value.(pflag.SliceValue); ok {
			return list.GetSlice()
		}
	}
	return nil
}

// Duration is the value of a setting of that type.
func (v *Values) Duration(name string) time.Duration {
	d, _ := v.flags.GetDuration(name) // another type has none
	return d
}

// Bool tells whether a switch is on.
func (v *Values) Bool(name string) bool {
	on, _ := v.flags.GetBool(name) // another type is off
	return on
}

// Validate refuses what is none of the words that a setting takes, and a Client Secret in another setting's place: it would
// be shown, or sent. Of several secrets one at most comes from standard input.
func (v *Values) Validate() error {
	fromStdin := 0
	for _, s := range v.table {
		if s.Type == SecretFile && v.Text(s.Name) == "-" {
			fromStdin++
		}
		if !strings.HasSuffix(s.Name, "client-id") && !strings.HasSuffix(s.Name, "url") && slices.ContainsFunc(append(v.List(s.Name), v.Text(s.Name)), secret.HasSecretForm) {
			return fmt.Errorf("--%s: what was given has the form of a Client Secret, so it is not repeated; a secret goes into a file that --client-secret-file names, or into HALO_CLIENT_SECRET", s.Name)
		}
		if s.Type != Word {
			continue
		}
		values := v.List(s.Name)
		if !s.Repeatable {
			values = []string{v.Text(s.Name)}
		}
		for _, value := range values {
			if !slices.Contains(s.Words, value) {
				return fmt.Errorf("--%s: there is no %q%s; it is one of %s", s.Name, value, suggest.Text(value, s.Words, ""), strings.Join(s.Words, ", "))
			}
		}
	}
	if fromStdin > 1 {
		return errors.New("only one secret can come from standard input; put the others into files")
	}
	return nil
}
