package settings

import "fmt"

// Variable is an environment variable that is read and is no setting's.
type Variable struct{ Name, Description string }

// Ambient are the variables that halocheck reads beside those of settings. There are no others, apart from those of proxies,
// of which it only says that they are not used.
var Ambient = []Variable{
	{"JOB_COMPLETION_INDEX", "a fleet's shard, counted from 0: set by a Kubernetes Indexed Job"},
	{"CREDENTIALS_DIRECTORY", "where systemd puts the credentials that an inventory names"},
	{"DBUS_SESSION_BUS_ADDRESS", "where a keyring is asked, on Linux, once an entry of it is named"},
	{"TERM", "dumb: no colour and no progress line"},
	{"NO_COLOR", "set to anything: no colour"},
	{"LC_ALL", "the encoding of the output, before LC_CTYPE and LANG: one that is not UTF-8 gets ASCII"},
	{"LC_CTYPE", "as LC_ALL"},
	{"LANG", "as LC_ALL"},
	{"GITHUB_STEP_SUMMARY", "where --format github adds the Markdown report"},
	{"SSH_AUTH_SOCK", "the agent that an ssh:// vantage point asks for a key"},
}

// ReadEnvironment sets what was not given from the environment. An empty variable counts as unset, as everywhere; that a
// field is empty can be said with a flag or in a file. A secret in the environment never becomes a value: the setting only
// counts as given, so that the environment outranks a configuration file.
func (v *Values) ReadEnvironment(getenv func(string) string) error {
	for _, s := range v.table {
		if s.Variable == "" || v.Given(s.Name) {
			continue
		}
		value := getenv(s.Variable)
		switch {
		case value == "":
		case s.Type == SecretFile:
			v.flags.Lookup(s.Name).Changed = true
		default:
			if err := v.Set(s.Name, value); err != nil {
				return fmt.Errorf("%s: %w", s.Variable, err)
			}
		}
	}
	return nil
}

// TakeSecrets are the secrets of the environment, which it removes from there: a child process, such as the one that reads
// a keyring of macOS, inherits none.
func (t Table) TakeSecrets(getenv func(string) string, unset func(string) error) map[string]string {
	taken := map[string]string{}
	for _, s := range t {
		if s.Type == SecretFile && s.Variable != "" {
			taken[s.Variable] = getenv(s.Variable)
			_ = unset(s.Variable) // the name is a good one
		}
	}
	return taken
}
