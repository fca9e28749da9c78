package main

import (
	"time"

	"github.com/spf13/cobra"
)

// options are the flags of check as they were typed.
type options struct {
	config            string
	fakes             []string
	authURL           string
	tenant            string
	id                string
	secret            string // a file's name, never the secret
	adminID           string
	admin             string // a file's name
	guide             string
	profile           []string
	hosting           string
	teams             []string
	stable            string
	caFile            string
	resolve           []string
	via               []string
	aia               string
	only              []string
	skip              []string
	attest            []string
	waive             string
	timeout           time.Duration
	allowWrites       bool
	pseudonymiseHosts bool // --pseudonymise-hosts
	output            outputOptions

	cache *sharedCache // what several runs share; nil: nothing

	// typed tells a flag that was given empty from one that was not given.
	typed func(name string) bool
}

// defaultTimeout is for the whole run.
const defaultTimeout = 60 * time.Second

// connect declares the flags that say which instance is asked, and how: check and record share them.
func (o *options) connect(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.authURL, "auth-url", "", "the Authorisation Server exactly as typed into the integration (HALO_AUTH_URL); unset: what the instance names")
	f.StringVar(&o.tenant, "tenant", "", "the Tenant field as typed (HALO_TENANT); '' means that it is empty, unset that the instance's own is used")
	f.StringVar(&o.id, "client-id", "", "the integration's Client ID (HALO_CLIENT_ID)")
	f.StringVar(&o.secret, "client-secret-file", "", "a file with the Client Secret, - for standard input, or keyring:NAME (or HALO_CLIENT_SECRET)")
	f.StringVar(&o.adminID, "admin-client-id", "", "an application with admin rights, to read roles and applications (HALO_ADMIN_CLIENT_ID)")
	f.StringVar(&o.admin, "admin-secret-file", "", "a file with its Client Secret, -, or keyring:NAME (or HALO_ADMIN_CLIENT_SECRET)")
	f.StringSliceVar(&o.fakes, "fake", nil, "diagnose an embedded fake with these `faults` instead (healthy: none)")
	f.StringVar(&o.guide, "guide", "", "another guide than the built-in one")
	f.StringVar(&o.hosting, "hosting", "auto", "auto, hosted or on-premise")
	f.StringArrayVar(&o.teams, "team", nil, "a team that alerts go to; repeatable")
	f.StringVar(&o.stable, "stable", "", "the current stable `version` of HaloPSA")
	f.StringVar(&o.caFile, "ca-file", "", "further trusted roots, in PEM")
	f.StringArrayVar(&o.resolve, "resolve", nil, "`HOST:PORT:ADDR`, as curl's; repeatable")
	f.StringArrayVar(&o.via, "via", nil, "`NAME=URL` of a vantage point (socks5://, http://, ssh://); repeatable")
	f.StringVar(&o.aia, "aia", "on", "fetch missing intermediates to explain a broken chain: on, off or private")
	f.DurationVar(&o.timeout, "timeout", defaultTimeout, "for the whole run")
	f.StringVar(&o.config, "config", "", "a YAML `file` of the same names")
	o.typed = f.Changed
}

// add declares the flags of check.
func (o *options) add(c *cobra.Command) {
	o.connect(c)
	f := c.Flags()
	f.StringArrayVar(&o.profile, "profile", nil, "billing or alerts; repeatable, default both")
	f.StringArrayVar(&o.only, "only", nil, "report only these `IDs`, such as trust.*; repeatable")
	f.StringArrayVar(&o.skip, "skip", nil, "leave these `IDs` out; repeatable")
	f.StringArrayVar(&o.attest, "attest", nil, "`ID=REASON`: vouch for what cannot be observed from here; repeatable")
	f.StringVar(&o.waive, "waive", "", "a `file` of accepted deviations: id, reason, owner, expiry")
	f.BoolVar(&o.allowWrites, "allow-writes", false, "reserved; nothing is ever written")
	f.BoolVar(&o.pseudonymiseHosts, "pseudonymise-hosts", false, "in a bundle, hosts and addresses have other names too, as people and customers always have")
	o.output.add(c)
}
