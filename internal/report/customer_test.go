package report_test

import (
	"html"
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
			probes.NetworkAdmin, `Add the certificate of "CA 1". To prove it: openssl s_client -connect acme:443 </dev/null`, "nginx: ssl_certificate"),
		remedied(finding("agent.work-hours", probes.Should, probes.Failed, probes.HoursDiffer, `the work hours are "Night"`), probes.HaloAdmin, "Set Work hours.", "Agents > A"),
		remedied(finding("role.add-tickets", probes.Must, probes.Failed, probes.PermissionOff, `the role "R_1" may not (GET /Tickets answers with 4 rows)`), probes.HaloAdmin, "Set Can add new tickets to Yes.", "Roles > R"),
		remedied(finding("product.version", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given"), probes.Operator, "Run the check again.", ""),
		remedied(finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given"), probes.Operator, "Run the check again.", ""),
		remedied(finding("network.allowlist", probes.Must, probes.Unknown, probes.UnrestrictedHere, "this machine gets in; a vantage point would settle it"), probes.NetworkAdmin, "Let /api through.", ""),
		accepted, blocked("login.login-type", "login.token"),
	)
	want := "# HaloPSA connection: `https://acme.halopsa.com`\n" + `
The connection isn't working yet. Please make these changes:

## Your network administrator

1. **Add the certificate of "CA 1".**
   - Where: nginx: ` + "`ssl_certificate`" + `
   - Why: The server does not send the intermediate certificate. We saw: the server sent 1 certificate: "acme", issued by "CA 1".

To see that it is done, run this in PowerShell. It lists each certificate that the server sends, with its last day:

` + "```powershell" + `
$c = New-Object Net.Sockets.TcpClient('acme', 443)
$s = New-Object Net.Security.SslStream($c.GetStream(), $false, { param($o, $cert, $chain) foreach ($x in $chain.ChainPolicy.ExtraStore) { Write-Host $x.NotAfter.ToString('yyyy-MM-dd') $x.Subject }; $true })
$s.AuthenticateAsClient('acme', $null, 'Tls12', $false); $c.Close()
` + "```" + `

## Your HaloPSA administrator

2. **Set Can add new tickets to Yes.**
   - Where: Roles > R
   - Why: "A Label" is off. We saw: the role ` + "\"`R_1`\"" + ` may not.

3. **Set Work hours.** (recommended, not required)
   - Where: Agents > A
   - Why: The agent's Work hours are not the default ones. We saw: the work hours are "Night".

## Accepted as it is

- The Authorization Server URL does not end in a slash. Reason: soon (J. Doe, until 2027-01-31)

1 more check follows when this is done.

Checked on 1 November 2026, 12:00 UTC against the G guide: 1 check passed.
`
	if diff := cmp.Diff(want, written(t, "markdown", r, forCustomer)); diff != "" {
		t.Error(diff)
	}
}

func TestCustomerMarkdownOfAHealthyInstance(t *testing.T) {
	got := written(t, "markdown", made(finding("trust.chain", probes.Must, probes.Passed, probes.OK, "whole")), forCustomer)
	if !strings.Contains(got, "The connection has everything it needs.") || strings.Contains(got, "##") || strings.Contains(got, "please") {
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

// A customer's letter is the same in every format that people read.
func TestLetterInEveryFormat(t *testing.T) {
	r := made(remedied(finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "one was sent"), probes.NetworkAdmin,
		"Add the certificate. To prove it: echo Q | openssl s_client -connect [2001:db8::1]:8443 -verify_ip 2001:db8::1", "IIS Manager > Bindings"))
	for _, format := range []string{"text", "markdown", "html"} {
		got := strings.Join(strings.Fields(html.UnescapeString(written(t, format, r, forCustomer))), " ")
		for _, want := range []string{"isn't working yet. Please make this change:", "Your network administrator", "Add the certificate.", "IIS Manager > Bindings", "The server does not send the intermediate certificate. We saw: one was sent.", "TcpClient('2001:db8::1', 8443)"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", format, want, got)
			}
		}
		for _, no := range []string{"trust.chain", "missing_intermediate", "</dev/null", "openssl"} {
			if strings.Contains(got, no) {
				t.Errorf("%s: %q is in\n%s", format, no, got)
			}
		}
	}
}

// What nobody knows is no change that a customer could make, as long as there is one.
func TestLetterIsSilentAboutTheUnknown(t *testing.T) {
	unknown := finding("network.allowlist", probes.Must, probes.Unknown, probes.NoVantage, "nobody looked")
	ours := remedied(finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "no credentials were given"), probes.Operator, "Run the check again.", "")
	fails := finding("trust.chain", probes.Must, probes.Failed, probes.Expired, "it ended")
	if got := written(t, "text", made(fails, unknown, ours), forCustomer); strings.Contains(got, "network.allowlist") || strings.Contains(got, "Run the check") {
		t.Error(got)
	}
	if got := written(t, "text", made(unknown, ours), forCustomer); !strings.Contains(got, "Why: We could not confirm that it holds for network.allowlist.") || strings.Contains(got, "Run the check") {
		t.Error(got)
	}
	if got := written(t, "text", made(ours), forCustomer); !strings.Contains(got, "you don't\nneed to do anything now.") {
		t.Error(got)
	}
}

// TestReasonInLetter keeps from what was seen what a customer can make use of, in words that are said to one.
func TestReasonInLetter(t *testing.T) {
	expired := func(seen string) probes.Finding {
		return finding("trust.in-date", probes.Must, probes.Failed, probes.Expired, seen)
	}
	for _, c := range []struct {
		f    probes.Finding
		want string
	}{
		{expired("the secret is wrong: the token endpoint answered status 401, invalid_client"), "The certificate has expired. We saw: the secret is wrong."},
		{expired("something cut this machine off: status 403 (/api/authinfo); twice"), "The certificate has expired. We saw: something cut our machine off; twice."},
		{expired("GET /Agent/me answered status 403: no"), "The certificate has expired."},
		{expired("the certificate has expired"), "The certificate has expired."},
		{expired("it ended; status 200 from /api"), "The certificate has expired. We saw: it ended."},
		{finding("network.allowlist", probes.Must, probes.Failed, probes.RefusedFromListed, "status 403"), "Your firewall does not allow all of our addresses."},
	} {
		got := strings.Join(strings.Fields(written(t, "text", made(c.f), forCustomer)), " ")
		if !strings.Contains(got, "Why: "+c.want+" Checked on ") {
			t.Errorf("%q: %q is not in %q", c.f.Because, c.want, got)
		}
	}
}
