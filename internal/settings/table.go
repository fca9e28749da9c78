// Package settings declares each setting of a check once. The flags of the command, the environment, configuration files,
// inventories with their JSON Schema, forms, the help topics and the options of package halocheck are made from the table.
package settings

import (
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// Type is what a value of a setting looks like.
type Type int

// The types.
const (
	Text            Type = iota
	Word                 // one of Setting.Words
	Duration             // such as 90s
	Switch               // true or false
	File                 // the name of a file; in an inventory relative to its folder
	SecretFile           // the name of a file that holds a secret, - for standard input, or keyring:NAME
	SecretReference      // where a secret is, as an inventory says it: file:PATH, env:NAME, keyring:NAME, credential:NAME
)

// Place is where a setting can be given.
type Place uint

// The places. A setting of [Check], [Record] or [Judge] is a flag of that command.
const (
	Check Place = 1 << iota
	Record
	Judge     // of a saved report
	Config    // a configuration file
	Inventory // an entry, a group or the defaults of an inventory
	Form      // the page on which somebody without a terminal types
)

// Setting is one row of the table.
type Setting struct {
	Name       string
	Type       Type
	Sentence   string // what it is; a word in backquotes is the placeholder of its value
	Variable   string // the environment variable; empty: none
	Words      []string
	Default    string
	Repeatable bool // it may have several values
	Commas     bool // several values may be given with commas between them
	Empty      bool // an empty value means something else than none
	Argument   bool // the command's argument, and no flag
	Customer   bool // it speaks of one customer's instance: an embedded fake has its own
	In         Place
}

// Table is a list of settings, in the order in which help names them.
type Table []Setting

// profiles are the uses that a guide tells apart.
var profiles = []string{string(probes.Billing), string(probes.Alerts)}

// places that most settings of the instance share.
const (
	connection = Check | Record | Config | Inventory | Form
	judgement  = Check | Config | Inventory | Form
	onlyOutput = Check | Judge | Config
)

// All is every setting there is.
var All = Table{
	{Name: "url", Sentence: "the Resource Server, such as https://acme.halopsa.com", Customer: true, Argument: true, In: connection},
	{Name: "auth-url", Variable: "HALO_AUTH_URL", Empty: true, Customer: true, In: connection,
		Sentence: "the Authorisation Server exactly as typed into the integration; unset: what the instance names"},
	{Name: "tenant", Variable: "HALO_TENANT", Empty: true, Customer: true, In: connection,
		Sentence: "the Tenant field as typed; '' means that it is empty, unset that the instance's own is used"},
	{Name: "client-id", Variable: "HALO_CLIENT_ID", Customer: true, In: connection, Sentence: "the integration's Client ID"},
	{Name: "client-secret-file", Type: SecretFile, Variable: "HALO_CLIENT_SECRET", Customer: true, In: connection, Sentence: "the integration's Client Secret"},
	{Name: "client-secret", Type: SecretReference, Customer: true, In: Inventory, Sentence: "the integration's Client Secret"},
	{Name: "admin-client-id", Variable: "HALO_ADMIN_CLIENT_ID", Customer: true, In: connection,
		Sentence: "the Client ID of an application with admin rights, to read roles and applications"},
	{Name: "admin-secret-file", Type: SecretFile, Variable: "HALO_ADMIN_CLIENT_SECRET", Customer: true, In: connection, Sentence: "the admin application's Client Secret"},
	{Name: "admin-secret", Type: SecretReference, Customer: true, In: Inventory, Sentence: "the admin application's Client Secret"},
	{Name: "fake", Repeatable: true, Commas: true, In: Check | Record | Config | Inventory,
		Sentence: "diagnose an embedded fake with these `faults` instead (healthy: none)"},
	{Name: "guide", Type: File, In: connection | Judge, Sentence: "another guide than the built-in one"},
	{Name: "hosting", Type: Word, Words: []string{string(probes.Auto), string(probes.Hosted), string(probes.OnPremise)}, Default: string(probes.Auto), In: connection,
		Sentence: "who runs the instance: auto, hosted or on-premise"},
	{Name: "team", Repeatable: true, Customer: true, In: connection, Sentence: "a team that alerts go to"},
	{Name: "stable", Customer: true, In: connection, Sentence: "the current stable `version` of HaloPSA"},
	{Name: "ca-file", Type: File, Customer: true, In: connection, Sentence: "further trusted roots, in PEM"},
	{Name: "resolve", Repeatable: true, Customer: true, In: connection, Sentence: "`HOST:PORT:ADDR`, as curl's"},
	{Name: "via", Repeatable: true, Customer: true, In: connection, Sentence: "`NAME=URL` of a vantage point (socks5://, http://, ssh://)"},
	{Name: "aia", Type: Word, Words: []string{"on", "off", "private"}, Default: "on", In: connection,
		Sentence: "fetch missing intermediates to explain a broken chain: on, off or private"},
	{Name: "timeout", Type: Duration, Default: "1m", In: connection, Sentence: "for the whole run, such as 60s"},
	{Name: "config", Type: File, In: Check | Record, Sentence: "a YAML `file` of the same names"},
	{Name: "profile", Type: Word, Words: profiles, Repeatable: true, In: judgement, Sentence: "billing or alerts; default both"},
	{Name: "only", Repeatable: true, In: judgement, Sentence: "report only these `IDs`, such as trust.*"},
	{Name: "skip", Repeatable: true, In: judgement, Sentence: "leave these `IDs` out"},
	{Name: "attest", Repeatable: true, In: judgement, Sentence: "`ID=REASON`: vouch for what cannot be observed from here"},
	{Name: "waive", Type: File, In: judgement&^Form | Judge, Sentence: "a `file` of accepted deviations: id, reason, owner, expiry"},
	{Name: "allow-writes", Type: Switch, In: Check | Config, Sentence: "reserved; nothing is ever written"},
	{Name: "pseudonymise-hosts", Type: Switch, In: Check | Config,
		Sentence: "in a bundle, hosts and addresses have other names too, as people and customers always have"},
	{Name: "format", Default: "text", In: onlyOutput, Sentence: "what goes to standard output: " + strings.Join(report.Formats, ", ")},
	{Name: "out", Repeatable: true, In: onlyOutput, Sentence: "`FORMAT=FILE`: a further report of the same run"},
	{Name: "audience", Type: Word, Words: []string{string(report.Engineer), string(report.Customer)}, Default: string(report.Engineer), In: onlyOutput,
		Sentence: "who reads the Markdown: engineer, or customer (what to do, by who has to act)"},
	{Name: "verbose", Type: Switch, In: onlyOutput, Sentence: "explain what holds, and show what is blocked or does not apply"},
	{Name: "quiet", Type: Switch, In: onlyOutput | Record, Sentence: "only what does not hold, and the outcome"},
	{Name: "color", Type: Word, Words: []string{"auto", "always", "never"}, Default: "auto", In: onlyOutput, Sentence: "auto, always or never"},
}

// In are the settings that can be given in a place.
func (t Table) In(place Place) Table {
	var out Table
	for _, s := range t {
		if s.In&place != 0 {
			out = append(out, s)
		}
	}
	return out
}

// Lookup is the setting of a name.
func (t Table) Lookup(name string) (Setting, bool) {
	for _, s := range t {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

// Names are the settings' names, in the table's order.
func (t Table) Names() []string {
	var names []string
	for _, s := range t {
		names = append(names, s.Name)
	}
	return names
}

// Usage is what a flag's help says of the setting.
func (s Setting) Usage() string {
	text := s.Sentence
	if s.Type == SecretFile {
		text = "a file with " + text + ", - for standard input, or keyring:NAME"
	}
	switch {
	case s.Variable != "" && s.Type == SecretFile:
		text += " (or " + s.Variable + ")"
	case s.Variable != "":
		text += " (" + s.Variable + ")"
	}
	if s.Repeatable {
		text += "; repeatable"
	}
	return text
}

// Plain is the sentence without the marks of a placeholder.
func (s Setting) Plain() string { return strings.ReplaceAll(s.Sentence, "`", "") }
