package main

import "os"

// variable is an environment variable that halocheck reads. There are no others, but for SSH_AUTH_SOCK, which an ssh://
// vantage point needs, and those of proxies, of which it only says that they are not used.
type variable struct {
	name      string
	flag      string // the flag that it stands for; empty: none
	says      string
	sensitive bool // its value never becomes a flag's; it only outranks the configuration file's
}

// variables are all of them. A flag wins over its variable, a variable over the configuration file.
var variables = []variable{
	{"HALO_AUTH_URL", "auth-url", "the Authorisation Server as typed into the integration", false},
	{"HALO_TENANT", "tenant", "the Tenant field as typed", false},
	{"HALO_CLIENT_ID", "client-id", "the integration's Client ID", false},
	{"HALO_CLIENT_SECRET", "client-secret-file", "the integration's Client Secret", true},
	{"HALO_ADMIN_CLIENT_ID", "admin-client-id", "the Client ID of an application with admin rights", false},
	{"HALO_ADMIN_CLIENT_SECRET", "admin-secret-file", "its Client Secret", true},
	{"JOB_COMPLETION_INDEX", "", "a fleet's shard, counted from 0: set by a Kubernetes Indexed Job", false},
	{"CREDENTIALS_DIRECTORY", "", "where systemd puts the credentials that an inventory names", false},
	{"DBUS_SESSION_BUS_ADDRESS", "", "where a keyring is asked, on Linux, once an entry of it is named", false},
	{"TERM", "", "dumb: no colour and no progress line", false},
	{"NO_COLOR", "", "set to anything: no colour", false},
}

// proxyVariables are variables that other programs go out by. halocheck looks from this machine itself, since a proxy would be
// judged in the instance's place, and what it holds is nobody's on the way.
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}

// takeSecretsFromEnvironment is the process's environment without the secrets in it, which are given out all the same: a child process,
// such as the one that reads a keyring of macOS, inherits none.
func takeSecretsFromEnvironment() func(name string) string {
	taken := map[string]string{}
	for _, v := range variables {
		if v.sensitive {
			taken[v.name] = os.Getenv(v.name)
			_ = os.Unsetenv(v.name) // a good name
		}
	}
	return func(name string) string {
		if value, ok := taken[name]; ok {
			return value
		}
		return os.Getenv(name)
	}
}
