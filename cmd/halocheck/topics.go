package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
)

// topics are what `halocheck help` explains besides the commands.
func topics(env environment) []*cobra.Command {
	var list []*cobra.Command
	for _, t := range []struct{ name, short, long string }{
		{"exit-codes", "What the exit codes mean", exitCodes},
		{"statuses", "What becomes of a requirement", statuses},
		{"environment", "The variables that are read", environmentHelp(env.settings())},
		{"config", "A file instead of flags", configHelp(env.settings())},
		{"secrets", "Where a secret may come from", secretHelp(env.settings())},
		{"waivers", "Accepting a deviation", waiverFile},
		{"reports", "The formats, bundles, and judging again", reportFormats()},
	} {
		list = append(list, &cobra.Command{Use: t.name, Short: t.short, Long: strings.TrimSpace(t.long)})
	}
	return list
}

const exitCodes = `The exit code is the same in every format:

  0  conformant: every Must was judged and holds
  1  not conformant: at least one Must fails; of diff: a regression
  2  usage or configuration: nothing was asked
  3  incomplete: nothing failed, but a Must could not be judged
  4  halocheck itself broke, or a report could not be written

In a script:  halocheck check https://acme.halopsa.com --quiet || echo "see above"`

const statuses = `Each requirement ends in one of these:

  pass            it was seen to hold, or somebody vouched for it (--attest)
  fail            it was seen not to hold
  unknown         it was asked, and from here nobody can tell; the finding says what would settle it
  blocked         an earlier requirement has to hold first; blocked_by names the root one
  not-applicable  it asks nothing of this instance
  skipped         left out on request (--skip)
  broken          halocheck's own fault

Levels are must, should and may, as in RFC 2119. Only a must decides the outcome. What is not judged is not passed.`

// environmentHelp lists the variables from where they are declared.
func environmentHelp(t settings.Table) string {
	return `A flag wins over its variable, a variable over the file of --config. An empty variable counts as unset.

` + t.EnvironmentHelp() + `
A check of --fake reads TERM and NO_COLOR alone.`
}

// configHelp shows a configuration file and lists what it may hold.
func configHelp(t settings.Table) string {
	return `--config FILE reads settings from YAML: the names of the flags without the dashes, one to a line. What may be repeated is a
list. With url in it, a file is one customer: halocheck check --config acme.yaml

  url: https://acme.halopsa.com
  auth-url: https://acme.halopsa.com/auth/
  tenant: acme
  client-id: 0f8fad5b-d9cb-469f-a165-70867728950e
  client-secret-file: /run/secrets/halo
  team: [Service Desk, Projects]
  timeout: 90s

A secret itself does not belong into it; client-secret-file names the file that holds one. There are

` + t.ConfigHelp()
}

// secretHelp says where a secret may come from.
func secretHelp(t settings.Table) string {
	files, variables, references := t.SecretHelp()
	return `A secret is never an argument, since everybody on the machine sees those, and never part of an inventory or a
configuration file. ` + files + ` name

  FILE          a file that holds it on one line; one trailing newline is dropped
  -             standard input
  keyring:NAME  an entry of the operating system's keyring; a file of such a name is ./keyring:NAME

Else it is in ` + variables + `, or asked for on a terminal. ` + references + ` of an
inventory name

  file:PATH        a file, relative to the inventory's folder: a mounted Kubernetes secret, too
  env:NAME         a variable
  keyring:NAME     an entry of the keyring
  credential:NAME  a systemd credential: NAME in the folder that CREDENTIALS_DIRECTORY names, from LoadCredential=NAME:PATH
                   or LoadCredentialEncrypted=; a folder loaded as LoadCredential=halo:DIR has halo_FILE for each file

There {name} stands for the instance's name. An entry of the keyring is filed under the service halocheck with NAME
as the account. It is put there by

  Linux    secret-tool store --label='HaloPSA acme' service halocheck username acme
  macOS    security add-generic-password -s halocheck -a acme -w
  Windows  cmdkey /generic:halocheck:acme /user:acme /pass

which ask for it. A keyring has to be unlocked, so it is for a machine at which somebody is logged in. Linux' is the default
collection of the Secret Service (gnome-keyring, KWallet, KeePassXC) on the session bus; macOS' is read with security(1),
which drops blanks around a secret.`
}

const waiverFile = `--waive FILE accepts deviations for a time. The file is a YAML list:

  - id: trust.renewal
    reason: the new certificate comes with the move in March
    owner: J. Doe
    expiry: 2027-03-31

The last day is optional. The verdict stays visible with the reason beside it and does not count. From the day after, it
counts again. One that is not needed any more is called out. Only a fail is waived: what cannot be observed is vouched
for with --attest ID=REASON.`

// reportFormats names the formats from where they are declared.
func reportFormats() string {
	return `--format says what goes to standard output, --out FORMAT=FILE writes further reports of the same run. There are
` + strings.Join(report.Formats, ", ") + `; chain writes the certificates that a server should send, and

  halocheck check https://acme.halopsa.com --out bundle=acme.zip

packs everything into one file to hand on: every report, every answer, what went over HTTP, and a manifest with digests.
No secret and no token is in it, people and customers have other names, and with --pseudonymise-hosts machines do, too.

  halocheck judge acme.zip           judges it again with today's requirements, offline
  halocheck diff old.zip new.json    says what changed

Reports and bundles of earlier versions can always be judged.`
}
