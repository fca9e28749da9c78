package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// customerActors are the people who act, as the customer calls them.
var customerActors = map[probes.Actor]string{
	probes.HaloAdmin:    "Your HaloPSA administrator",
	probes.NetworkAdmin: "Your network administrator",
	probes.Vendor:       "The vendor of the integration",
	probes.Operator:     "The person who sets up the integration",
}

// letter is what a customer gets: what to change, by the people who can, in the product's own words. It leaves out what only an
// engineer needs: IDs, causes, digests, what went over the wire, and what nobody knows.
type letter struct {
	URL, Opening, Later string
	Guides              []string // of several: what each integration needs
	People              []letterPerson
	Accepted            []string
	Checked             string // when, and against which guide
}

// letterPerson is what one person has to change.
type letterPerson struct {
	Title string
	Items []letterItem
}

// letterItem is one change.
type letterItem struct {
	N         int // counted through the whole letter
	Do, Where string
	Optional  bool
	Why       []string
	Proof     *windowsProof // nil: there is no command that shows that it is done
	Asked     []string      // IDs of the requirements that tell whether it is done
	findings  []probes.Finding
	Frame     any // what the block "step" of a page shows
}

// newLetter writes the letter of a report. Its texts are foreign: each format prepares them.
func newLetter(r *Report) letter {
	l := letter{URL: r.Target.URL, Checked: fmt.Sprintf("Checked on %s against %s: %s.", r.Started.Format("2 January 2006, 15:04 MST"), guidesNamed(r), passedText(r))}
	hosts, n := severalHosts(r.Findings), 0
	for _, d := range actionsByActor(slices.DeleteFunc(slices.Clone(r.Findings), func(f probes.Finding) bool { return !isForCustomer(r, f) })) {
		p := letterPerson{Title: customerActors[d.actor]}
		for _, t := range d.actions {
			n++
			item := letterItem{N: n, Do: t.do, Where: t.where, Optional: t.isOptional(), Proof: newWindowsProof(t.verify), findings: t.findings}
			for _, f := range t.findings {
				if !slices.Contains(item.Asked, f.ID) {
					item.Asked = append(item.Asked, f.ID)
				}
				why := customerReason(f)
				if hosts && f.Host != "" && !strings.Contains(why, f.Host) {
					why += " Host: " + f.Host + "."
				}
				if len(f.AskedBy) > 0 {
					why += " Asked for by " + strings.Join(f.Guides(), ", ") + "."
				}
				if !slices.Contains(item.Why, why) {
					item.Why = append(item.Why, why)
				}
			}
			p.Items = append(p.Items, item)
		}
		l.People = append(l.People, p)
	}
	l.Opening = opening(r, n)
	for _, g := range r.Guides {
		l.Guides = append(l.Guides, l.integration(r, g))
	}
	if waiting := r.Counts[probes.Blocked]; waiting > 0 && n > 0 {
		l.Later = count(waiting, "more check follows", "more checks follow") + " when this is done."
	}
	for _, f := range r.Findings {
		if f.Waived != nil {
			l.Accepted = append(l.Accepted, fmt.Sprintf("%s. Reason: %s", strings.TrimPrefix(Verdict(f), "Accepted exception: "), waiverText(*f.Waived)))
		}
	}
	return l
}

// integration says of one among several guides whether its integration has what it needs, and which changes are for it.
func (l letter) integration(r *Report, g probes.ReportGuideOutcome) string {
	var required []string
	for _, p := range l.People {
		for _, i := range p.Items {
			if !i.Optional && i.isFor(g.Name) {
				required = append(required, strconv.Itoa(i.N))
			}
		}
	}
	text, verb := "we found nothing wrong so far", "to check"
	switch g.Outcome {
	case probes.Conformant:
		if !r.Partial {
			text = "has everything it needs"
		}
		required = nil
	case probes.NotConformant:
		text, verb = "isn't working yet", "to change"
		if g.Planned {
			text = "is planned, and something has to change first"
		}
	case probes.Incomplete:
	}
	if len(required) > 0 {
		text += "; " + verb + ": " + strings.Join(required, ", ")
	}
	return g.Name + ": " + text + "."
}

// isFor tells whether a guide among several asks for the change.
func (i letterItem) isFor(guide string) bool {
	return slices.ContainsFunc(i.findings, func(f probes.Finding) bool { return f.IsFor(guide) })
}

// guidesNamed is what was checked against: one guide, or several by their names.
func guidesNamed(r *Report) string {
	if len(r.Guides) == 0 {
		return "the " + r.Guide.Name + " guide"
	}
	return "the guides of " + r.Guide.Name
}

// isForCustomer tells what a customer can act on: what fails, and, where nothing fails, what only the customer can look up.
func isForCustomer(r *Report, f probes.Finding) bool {
	switch {
	case !isTask(f):
		return false
	case f.Status == probes.Failed:
		return true
	}
	return f.Status == probes.Unknown && r.Outcome == probes.Incomplete && f.Remedy.Who != probes.Operator
}

// passedText counts what passed, and says how much of the guide was checked where that is not all of it.
func passedText(r *Report) string {
	text := count(r.Counts[probes.Passed]-r.Attested, "check passed", "checks passed")
	if r.Attested > 0 {
		text += fmt.Sprintf(", %d vouched for", r.Attested)
	}
	if r.Partial {
		text += "; partial: " + coverageText(r)
	}
	return text
}

// opening is the outcome in a sentence, for a letter with so many changes.
func opening(r *Report, changes int) string {
	switch r.Outcome {
	case probes.Conformant:
		switch {
		case r.Partial:
			return "Everything that we checked is right. We did not check everything, so this does not say that the connection works."
		case changes > 0:
			return "The connection has everything it needs. We recommend:"
		}
		return "The connection has everything it needs."
	case probes.NotConformant:
		if changes == 1 {
			return "The connection isn't working yet. Please make this change:"
		}
		return "The connection isn't working yet. Please make these changes:"
	case probes.Incomplete:
	}
	if changes == 0 {
		return "We found nothing wrong so far. We have not checked everything yet; you don't need to do anything now."
	}
	return "We found nothing wrong so far. Please help us to check the rest:"
}

// customerReason says why there is something to do: the verdict, and what was seen as far as it is plain.
func customerReason(f probes.Finding) string {
	verdict, seen := forCustomer.Replace(Verdict(f)), forCustomer.Replace(customerObservation(f.Because))
	if seen == "" || strings.EqualFold(seen, verdict) {
		return verdict + "."
	}
	return verdict + ". We saw: " + seen + "."
}

// forCustomer turns what an engineer says of a customer into what is said to the customer.
var forCustomer = strings.NewReplacer("the firewall allows", "your firewall allows", "The firewall does", "Your firewall does", "this machine", "our machine", "the vendor's addresses", "our addresses")

// internalPattern is what means nothing to a customer: digests of certificates, paths and statuses of the API.
var internalPattern = lazyregexp.New(`\b[0-9A-Fa-f]{32,}\b|\bstatus \d{3}\b|/api\b|/token\b|\bGET /|/Agent/me|\bvantage point\b`)

// parenthesised is a remark in parentheses, without others inside.
var parenthesised = lazyregexp.New(`\s*\([^()]*\)`)

// customerObservation is what was seen without its internal parts: clauses, remarks, and what a clause gives as its proof behind
// a colon. Where the first clause is internal from its beginning, the others say nothing.
func customerObservation(because string) string {
	text := parenthesised().ReplaceAllStringFunc(because, func(part string) string {
		if internalPattern().MatchString(part) {
			return ""
		}
		return part
	})
	clauses := strings.Split(text, "; ")
	if at := internalPattern().FindStringIndex(clauses[0]); at != nil {
		colon := strings.LastIndex(clauses[0][:at[0]], ": ")
		if colon < 0 {
			return ""
		}
		clauses[0] = clauses[0][:colon]
	}
	clauses = slices.DeleteFunc(clauses, internalPattern().MatchString)
	return strings.TrimSuffix(strings.TrimSpace(strings.Join(clauses, "; ")), ".")
}

// windowsProof is a command for PowerShell that lists the certificates that a server sends.
type windowsProof struct{ Host, Port string }

// opensslPattern finds the server in the command that proves a remedy.
var opensslPattern = lazyregexp.New(`openssl s_client -connect \[?([0-9A-Za-z.:-]+?)\]?:(\d+) `)

// newWindowsProof is the proof on Windows of what a command for OpenSSL proves; nil where that asks no server.
func newWindowsProof(verify string) *windowsProof {
	m := opensslPattern().FindStringSubmatch(verify)
	if m == nil {
		return nil
	}
	return &windowsProof{m[1], m[2]}
}

// Label says what the command shows. Windows completes a chain from its own store, so that its verdict proves nothing: what was
// sent does.
func (windowsProof) Label() string {
	return "To see that it is done, run this in PowerShell. It lists each certificate that the server sends, with its last day:"
}

// Command is for Windows PowerShell 5.1 and later. ExtraStore holds what the server sent: tls.md §1.
func (p windowsProof) Command() string {
	return fmt.Sprintf("$c = New-Object Net.Sockets.TcpClient('%s', %s)\n"+
		"$s = New-Object Net.Security.SslStream($c.GetStream(), $false, { param($o, $cert, $chain) foreach ($x in $chain.ChainPolicy.ExtraStore) { Write-Host $x.NotAfter.ToString('yyyy-MM-dd') $x.Subject }; $true })\n"+
		"$s.AuthenticateAsClient('%s', $null, 'Tls12', $false); $c.Close()", p.Host, p.Port, p.Host)
}

// integrationsTitle is over what each of several integrations needs.
const integrationsTitle = "Your integrations"

// optionalText follows a change that nothing depends on.
const optionalText = " (recommended, not required)"

// text is the letter as plain text.
func (l letter) text(width int) string {
	var b strings.Builder
	wrap := func(first, rest, text string) { b.WriteString(Wrap(first, rest, safetext.Line(text), width)) }
	wrap("", "", "HaloPSA connection: "+l.URL)
	b.WriteByte('\n')
	wrap("", "", l.Opening)
	for _, p := range l.People {
		fmt.Fprintf(&b, "\n%s\n", p.Title)
		for _, i := range p.Items {
			optional := ""
			if i.Optional {
				optional = optionalText
			}
			b.WriteByte('\n')
			wrap(fmt.Sprintf("%2d. ", i.N), "    ", i.Do+optional)
			if i.Where != "" {
				wrap("    Where: ", "    ", i.Where)
			}
			for _, why := range i.Why {
				wrap("    Why: ", "    ", why)
			}
			if i.Proof != nil {
				wrap("    ", "    ", i.Proof.Label())
				b.WriteString("\n" + i.Proof.Command() + "\n")
			}
		}
	}
	for i, text := range l.Guides {
		if i == 0 {
			b.WriteString("\n" + integrationsTitle + "\n\n")
		}
		wrap("  - ", "    ", text)
	}
	for i, text := range l.Accepted {
		if i == 0 {
			b.WriteString("\nAccepted as it is\n\n")
		}
		wrap("  - ", "    ", text)
	}
	for _, text := range []string{l.Later, l.Checked} {
		if text != "" {
			b.WriteByte('\n')
			wrap("", "", text)
		}
	}
	return b.String()
}

// markdown is the letter as Markdown that stays right where it is pasted as it is.
func (l letter) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# HaloPSA connection: %s\n\n%s\n", safetext.Markdown(l.URL), safetext.Markdown(l.Opening))
	for _, p := range l.People {
		fmt.Fprintf(&b, "\n## %s\n", p.Title)
		for _, i := range p.Items {
			fmt.Fprintf(&b, "\n%d. **%s**", i.N, safetext.Markdown(i.Do))
			if i.Optional {
				b.WriteString(optionalText)
			}
			b.WriteByte('\n')
			if i.Where != "" {
				fmt.Fprintf(&b, "   - Where: %s\n", safetext.Markdown(i.Where))
			}
			for _, why := range i.Why {
				fmt.Fprintf(&b, "   - Why: %s\n", safetext.Markdown(why))
			}
			if i.Proof != nil {
				fmt.Fprintf(&b, "\n%s\n\n```powershell\n%s\n```\n", i.Proof.Label(), i.Proof.Command())
			}
		}
	}
	for i, text := range l.Guides {
		if i == 0 {
			b.WriteString("\n## " + integrationsTitle + "\n\n")
		}
		fmt.Fprintf(&b, "- %s\n", safetext.Markdown(text))
	}
	for i, text := range l.Accepted {
		if i == 0 {
			b.WriteString("\n## Accepted as it is\n\n")
		}
		fmt.Fprintf(&b, "- %s\n", safetext.Markdown(text))
	}
	for _, text := range []string{l.Later, l.Checked} {
		if text != "" {
			b.WriteString("\n" + safetext.Markdown(text) + "\n")
		}
	}
	return b.String()
}
