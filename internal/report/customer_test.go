package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

var forCustomer = report.Options{Audience: report.Customer}

// remedied is a finding with its own remedy.
func remedied(f probes.Finding, who probes.Actor, do, where string) probes.Finding {
	f.Remedy = &probes.Remedy{Who: who, Do: do, Where: where}
	return f
}

func TestCustomerMarkdown(t *testing.T) {
	digest := strings.Repeat("ab12", 16)
	accepted := finding("login.auth-url-slash", probes.Must, probes.Failed, probes.NoTrailingSlash, "no slash")
	accepted.Waived = &probes.Waiver{Reason: "soon", Owner: "J. Doe", Until: "2027-01-31"}
	r := made(
		finding("network.resolves", probes.Must, probes.Passed, probes.OK, "192.0.2.1"),
		remedied(finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate,
			`the server sent 1 certificate: "acme", issued by "CA 1"; missing at position 2: "CA 1", which has the SHA-256 `+digest),
			probes.NetworkAdmin, `Add the certificate of "CA 1". --out chain=FILE.pem writes the chain to serve. To prove it: openssl s_client -connect acme:443 </dev/null`, "nginx: ssl_certificate"),
		remedied(finding("agent.work-hours", probes.Should, probes.Failed, probes.HoursDiffer, `the work hours are "Night"`), probes.HaloAdmin, "Set Work hours.", "Agents > A"),
		remedied(finding("role.add-tickets", probes.Must, probes.Failed, probes.PermissionOff, `the role "R_1" may not (GET /Tickets answers with 4 rows)`), probes.HaloAdmin, "Set Can add new tickets to Yes.", "Roles > R"),
		remedied(finding("product.version", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given; --client-id would let it be seen"), probes.Operator, "Run the check again.", "--client-id"),
		remedied(finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given; --client-id would let it be seen"), probes.Operator, "Run the check again.", "--client-id"),
		remedied(finding("network.allowlist", probes.Must, probes.Unknown, probes.UnrestrictedHere, "this machine gets in; a vantage point would settle it"), probes.NetworkAdmin, "Let /api through.", ""),
		accepted, blocked("login.login-type", "login.token"),
	)
	want := "# The connection to `https://acme.halopsa.com`\n" + `
The connection isn't working yet. Please make these changes:

1 further point cannot be checked until this is settled, so there may be more to do afterwards.

## Your network administrator

1. **Add the certificate of "CA 1".**
   - Where: nginx: ssl\_certificate
   - Why: The server leaves out a certificate between its own and the root. Seen: the server sent 1 certificate: "acme", issued by "CA 1".
   - To see that it is done: ` + "`openssl s_client -connect acme:443 </dev/null`" + `

2. **Let /api through.**
   - Why: It is not known whether this holds: It holds for network.allowlist. Seen: this machine gets in.

## Your HaloPSA administrator

1. **Set Can add new tickets to Yes.**
   - Where: Roles &gt; R
   - Why: The role's permission is off. Seen: the role "R\_1" may not.

2. **Set Work hours.** (recommended, not required)
   - Where: Agents &gt; A
   - Why: The work hours are not the default ones. Seen: the work hours are "Night".

## Whoever sets up the integration

1. **Run the check again.**
   - Why: No credentials were given.

## Accepted as it is

- Accepted exception: It holds for login.auth-url-slash. Reason: soon (J. Doe, until 2027-01-31)

Checked on 1 November 2026, 12:00 UTC against the G guide: 1 check passed.
`
	if diff := cmp.Diff(want, written(t, "markdown", r, forCustomer)); diff != "" {
		t.Error(diff)
	}
}

func TestCustomerMarkdownOfAHealthyInstance(t *testing.T) {
	got := written(t, "markdown", made(finding("trust.chain", probes.Must, probes.Passed, probes.OK, "whole")), forCustomer)
	if !strings.Contains(got, "The connection has everything that it needs.") || strings.Contains(got, "##") {
		t.Error(got)
	}
}

func TestCustomerMarkdownTellsHostsApart(t *testing.T) {
	one := finding("trust.name", probes.Must, probes.Failed, probes.NameMismatch, "it is for others")
	two := one
	one.Host, two.Host = "acme.example", "auth.example"
	got := written(t, "markdown", made(one, two), forCustomer)
	if strings.Count(got, "**Mend trust.name.**") != 1 || !strings.Contains(got, "Host: acme.example.") || !strings.Contains(got, "Host: auth.example.") {
		t.Error(got)
	}
}
