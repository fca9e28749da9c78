// Package topics holds what `halocheck help` explains besides the commands.
package topics

import (
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
)

// Topic is one text.
type Topic struct {
	Name  string // such as exit-codes
	Short string // a title
	Text  string
}

// All are the topics; those about settings are made from the table.
func All(t settings.Table) []Topic {
	return []Topic{
		{"exit-codes", "What the exit codes mean", exitCodes},
		{"statuses", "What becomes of a requirement", statuses},
		{"environment", "The variables that are read", strings.TrimSpace(t.EnvironmentTopic())},
		{"config", "A file instead of flags", strings.TrimSpace(t.ConfigTopic())},
		{"secrets", "Where a secret may come from", strings.TrimSpace(t.SecretsTopic())},
		{"waivers", "Accepting a deviation", waivers},
		{"reports", "The formats, bundles, and judging again", reportFormats()},
	}
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

const waivers = `--waive FILE accepts deviations for a time. The file is a YAML list:

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
