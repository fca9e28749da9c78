// Package settings declares each setting of a check once. The flags of the command, the environment, configuration files,
// inventories with their JSON Schema, forms, the help topics and the options of package halocheck are made from the table.
package settings

import (
	"context"
	"strings"

	"github.com/halocheck/halocheck"
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

// Scope is where a setting can be given: one place or several.
type Scope uint

// The scopes. A setting of [Check], [Record] or [Judge] is a flag of that command.
const (
	Check Scope = 1 << iota
	Record
	Judge     // of a saved report
	Config    // a configuration file
	Inventory // an entry, a group or the defaults of an inventory
	Form      // the page on which somebody without a terminal types
)

// Setting is one row of the table.
type Setting struct {
	Name           string
	Label          string // of the field on a form, as the products call it; empty: there is no field
	Type           Type
	Description    string // what it is; a word in backquotes is the placeholder of its value
	Variable       string // the environment variable; empty: none
	Words          []string
	Default        string
	Bare           string // the value of the flag without one; empty: it needs one
	Repeatable     bool   // it may have several values
	CommaSeparated bool   // several values may be given with commas between them
	AllowEmpty     bool   // an empty value means something else than none
	Argument       bool   // the command's argument, and no flag
	PerInstance    bool   // it speaks of one customer's instance: an embedded fake has its own
	Scopes         Scope  // where it can be given

	// Apply adds to a check what the values say; nil: they say how the check is shown, or another setting takes them.
	Apply func(context.Context, *Arguments, Setting) error
}

// Table is a list of settings, in the order in which help names them.
type Table []Setting

// profiles are the uses that a guide tells apart.
var profiles = []string{string(probes.Billing), string(probes.Alerts)}

// scopes that most settings of the instance share.
const (
	connection = Check | Record | Config | Inventory | Form
	judgement  = Check | Config | Inventory | Form
	onlyOutput = Check | Judge | Config
)

// All is every setting there is.
var All = Table{
	{Name: "url", Label: "Resource Server", Description: "the Resource Server, such as https://acme.halopsa.com", PerInstance: true, Argument: true, Scopes: connection, Apply: applyURL},
	{Name: "auth-url", Label: "Authorisation Server", Variable: "HALO_AUTH_URL", AllowEmpty: true, PerInstance: true, Scopes: connection,
		Description: "the Authorisation Server exactly as typed into the integration; unset: what the instance names", Apply: given(halocheck.WithAuthURL)},
	{Name: "tenant", Label: "Tenant", Variable: "HALO_TENANT", AllowEmpty: true, PerInstance: true, Scopes: connection,
		Description: "the Tenant field as typed; '' means that it is empty, unset that the instance's own is used", Apply: given(halocheck.WithTenant)},
	{Name: "client-id", Label: "Client ID", Variable: "HALO_CLIENT_ID", PerInstance: true, Scopes: connection, Description: "the integration's Client ID"},
	{Name: "client-secret-file", Label: "Client Secret", Type: SecretFile, Variable: "HALO_CLIENT_SECRET", PerInstance: true, Scopes: connection, Description: "the integration's Client Secret", Apply: applyClient},
	{Name: "client-secret", Type: SecretReference, PerInstance: true, Scopes: Inventory, Description: "the integration's Client Secret"},
	{Name: "admin-client-id", Label: "Second application: Client ID", Variable: "HALO_ADMIN_CLIENT_ID", PerInstance: true, Scopes: connection,
		Description: "the Client ID of an application with admin rights, to read roles and applications"},
	{Name: "admin-secret-file", Label: "Second application: Client Secret", Type: SecretFile, Variable: "HALO_ADMIN_CLIENT_SECRET", PerInstance: true, Scopes: connection, Description: "the admin application's Client Secret", Apply: applyAdmin},
	{Name: "admin-secret", Type: SecretReference, PerInstance: true, Scopes: Inventory, Description: "the admin application's Client Secret"},
	{Name: "fake", Repeatable: true, CommaSeparated: true, Scopes: Check | Record | Config | Inventory,
		Description: "diagnose an embedded fake with these `faults` instead (healthy: none)"},
	{Name: "guide", Label: "Guide", Type: File, Repeatable: true, CommaSeparated: true, Scopes: connection | Judge,
		Description: "another guide than the built-in one: its name or `file`; several are judged in one run, and all is every guide of the library", Apply: applyGuide},
	{Name: "integrations", Type: File, Repeatable: true, CommaSeparated: true, Scopes: Inventory,
		Description: "the integrations that the customer has connected, each by the name or file of its guide", Apply: applyGuide},
	{Name: "plan", Type: File, Repeatable: true, CommaSeparated: true, Scopes: judgement &^ Form,
		Description: "a guide whose integration is to be connected as well, its name or `file`: what is missing for it is told, and does not count", Apply: applyPlan},
	{Name: "hosting", Label: "Hosting", Type: Word, Words: []string{string(probes.Auto), string(probes.Hosted), string(probes.OnPremise)}, Default: string(probes.Auto), Scopes: connection,
		Description: "who runs the instance: auto, hosted or on-premise", Apply: text(halocheck.WithHosting)},
	{Name: "team", Label: "Teams", Repeatable: true, PerInstance: true, Scopes: connection, Description: "a team that alerts go to", Apply: list(halocheck.WithTeams)},
	{Name: "stable", Label: "Current stable version", PerInstance: true, Scopes: connection, Description: "the current stable `version` of HaloPSA", Apply: text(halocheck.WithStable)},
	{Name: "ca-file", Label: "Further trusted roots", Type: File, PerInstance: true, Scopes: connection, Description: "further trusted roots, in PEM", Apply: file(readRoots)},
	{Name: "resolve", Label: "Addresses of hosts", Repeatable: true, PerInstance: true, Scopes: connection, Description: "`HOST:PORT:ADDR`, as curl's", Apply: list(halocheck.WithAddress)},
	{Name: "via", Label: "Vantage points", Repeatable: true, PerInstance: true, Scopes: connection, Apply: applyVia,
		Description: "`NAME=URL` of a vantage point (socks5://, http://, ssh://), or halocheckd:NAME: an agent of a halocheckd"},
	{Name: "halocheckd", Variable: "HALOCHECKD_URL", Scopes: connection &^ (Form | Inventory), Description: "the `URL` of the halocheckd whose agents --via names"},
	{Name: "halocheckd-token-file", Type: SecretFile, Variable: "HALOCHECKD_TOKEN", Scopes: connection &^ (Form | Inventory), Description: "the token of its API, with agents:look"},
	{Name: "proxy", Scopes: connection &^ Form, Description: "connect through the CONNECT or SOCKS5 proxy of this `URL`, or env: through the environment's; unset: without a proxy", Apply: applyProxy},
	{Name: "aia", Label: "Missing intermediates", Type: Word, Words: []string{"on", "off", "private"}, Default: "on", Scopes: connection,
		Description: "fetch missing intermediates to explain a broken chain: on, off or private", Apply: text(halocheck.WithAIA)},
	{Name: "timeout", Label: "Time for the whole check", Type: Duration, Default: "1m", Scopes: connection, Description: "for the whole run, such as 60s", Apply: applyTimeout},
	{Name: "watch", Type: Duration, Bare: "10s", Scopes: Check | Config, Description: "judge again every `D`, such as 10s, until it is conformant"},
	{Name: "watch-for", Type: Duration, Default: "30m", Scopes: Check | Config, Description: "how long --watch goes on"},
	{Name: "notify", Repeatable: true, Scopes: Check | Config, Description: "`webhook=URL`: tell it at the end of --watch what changed"},
	{Name: "config", Type: File, Scopes: Check | Record, Description: "a YAML `file` of the same names"},
	{Name: "profile", Label: "Uses", Type: Word, Words: profiles, Repeatable: true, Scopes: judgement, Description: "billing or alerts; default both", Apply: list(halocheck.WithProfiles)},
	{Name: "only", Label: "Only these requirements", Repeatable: true, Scopes: judgement, Description: "report only these `IDs`, such as trust.*", Apply: list(halocheck.WithOnly)},
	{Name: "skip", Label: "Without these requirements", Repeatable: true, Scopes: judgement, Description: "leave these `IDs` out", Apply: list(halocheck.WithSkip)},
	{Name: "attest", Label: "Vouched for", Repeatable: true, Scopes: judgement, Description: "`ID=REASON`: vouch for what cannot be observed from here", Apply: pairs(halocheck.WithAttestation)},
	{Name: "waive", Type: File, Scopes: judgement&^Form | Judge, Description: "a `file` of accepted deviations: id, reason, owner, expiry", Apply: file(readWaivers)},
	{Name: "allow-writes", Type: Switch, Scopes: Check | Config, Description: "reserved; nothing is ever written"},
	{Name: "pseudonymise-hosts", Type: Switch, Scopes: Check | Config,
		Description: "in a bundle, hosts and addresses have other names too, as people and customers always have"},
	{Name: "format", Default: "text", Scopes: onlyOutput, Description: "what goes to standard output: " + strings.Join(report.Formats, ", ") + ", github"},
	{Name: "out", Repeatable: true, Scopes: onlyOutput, Description: "`FORMAT=FILE`: a further report of the same run"},
	{Name: "audience", Type: Word, Words: []string{string(report.Engineer), string(report.Customer)}, Default: string(report.Engineer), Scopes: onlyOutput,
		Description: "who reads text, Markdown and HTML: engineer, or customer (a letter: what to change, and who can)"},
	{Name: "verbose", Type: Switch, Scopes: onlyOutput, Description: "explain what holds, and show what is blocked or does not apply"},
	{Name: "quiet", Type: Switch, Scopes: onlyOutput | Record, Description: "only what does not hold, and the outcome"},
	{Name: "ascii", Type: Word, Words: []string{"auto", "always", "never"}, Default: "auto", Scopes: onlyOutput,
		Description: "ASCII alone in text for people: auto (where the output is not UTF-8), always or never"},
	{Name: "color", Type: Word, Words: []string{"auto", "always", "never"}, Default: "auto", Scopes: onlyOutput, Description: "auto, always or never"},
}

// In are the settings that can be given in a place.
func (t Table) In(scope Scope) Table {
	var out Table
	for _, s := range t {
		if s.Scopes&scope != 0 {
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
	text := s.Description
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
func (s Setting) Plain() string { return strings.ReplaceAll(s.Description, "`", "") }
