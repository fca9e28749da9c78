package bundle

import (
	"encoding/json"
	"html"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// pseudonymiser replaces the names of people, customers and machines that a bundle must not name.
type pseudonymiser struct {
	pseudonyms *pseudonym.Generator
	redactor   secret.Redactor
	ownWords   []string          // what halocheck and the guide say themselves
	kinds      map[string]string // what has another name, in lower case, and its kind
	names      *regexp.Regexp    // finds those of them that can be found in running text; nil: there are none
	hostAddrs  map[netip.Addr]bool
	keptAddrs  map[netip.Addr]bool // the guide's addresses, and the machines' unless hosts are hidden
	hideHosts  bool                // hosts and addresses have other names too
}

// minName is the shortest name that is looked for.
const minName = 3

// newPseudonymiser gathers who is named: whoever the answers named as a person or a customer, and, where hosts are hidden, what
// the certificates and the tenant say.
func newPseudonymiser(s *probes.Session, r *report.Report, hosts bool) *pseudonymiser {
	p := &pseudonymiser{
		pseudonyms: probes.Local[pseudonym.Generator](s), redactor: halo.Redactor(s), ownWords: ownVocabulary(s), kinds: map[string]string{},
		hostAddrs: map[netip.Addr]bool{}, keptAddrs: map[netip.Addr]bool{}, hideHosts: hosts,
	}
	if s.Net.Log != nil {
		for _, name := range s.Net.Log.Named() {
			p.addName("name", name)
		}
	}
	for _, name := range sortedKeys(r.Evidence) {
		var tree any
		if json.Unmarshal(r.Evidence[name], &tree) == nil {
			p.addAgents(tree)
		}
		if strings.HasPrefix(name, "network.") {
			addAddrs(p.hostAddrs, addrPattern().FindAllString(string(r.Evidence[name]), -1))
		}
	}
	if hosts {
		p.addHostNames(r)
	} else {
		maps.Copy(p.keptAddrs, p.hostAddrs)
	}
	if s.Guide.Network != nil {
		addAddrs(p.keptAddrs, s.Guide.Network.Addresses)
	}
	p.compileNames()
	return p
}

// addHostNames adds what names the customer's machines besides their hosts.
func (p *pseudonymiser) addHostNames(r *report.Report) {
	p.addName("tenant", r.Target.Tenant)
	for _, raw := range r.Evidence {
		var tree any
		if json.Unmarshal(raw, &tree) == nil {
			p.addCertificateOwners(tree)
		}
	}
	for _, text := range []string{r.Target.URL, r.Target.AuthURL} {
		if u, err := url.Parse(text); err == nil && !strings.Contains(u.Hostname(), ".") {
			p.addName("h", u.Hostname())
		}
	}
}

// ownVocabulary is what halocheck and the guide say themselves; a name that stands in it is no name that tells of anybody.
func ownVocabulary(s *probes.Session) []string {
	ours := []string{"Not set"}
	for _, c := range checks(s) {
		m := c.Meta()
		ours = append(ours, m.ID, m.Says, m.Remedy.Do, m.Remedy.Where, m.Asks)
		for _, cause := range m.Causes {
			ours = append(ours, string(cause))
		}
	}
	if name := s.Guide.Application.Name; name != nil {
		ours = append(ours, name.Value)
	}
	if name := s.Guide.Agent.Username; name != nil {
		ours = append(ours, name.Values...)
	}
	return append(ours, s.Teams...)
}

// addName gives a value another name, unless it is one of our own words.
func (p *pseudonymiser) addName(kind, value string) {
	value = strings.TrimSpace(value)
	lower := strings.ToLower(value)
	if utf8.RuneCountInString(value) < minName || p.kinds[lower] != "" || p.redactor.Contains(value) {
		return
	}
	if slices.ContainsFunc(p.ownWords, func(text string) bool { return strings.EqualFold(text, value) }) {
		return
	}
	p.kinds[lower] = kind
}

// addAddrs adds addresses to a set.
func addAddrs(set map[netip.Addr]bool, texts []string) {
	for _, text := range texts {
		if addr, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
			set[addr.Unmap()] = true
		}
	}
}

// addAgents adds the agents in an answer.
func (p *pseudonymiser) addAgents(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, item := range tree {
			p.addAgents(item)
		}
	case map[string]any:
		if agent, ok := tree["agent"].(map[string]any); ok {
			if name, ok := agent["name"].(string); ok {
				p.addName("name", name)
			}
		}
		for _, item := range tree {
			p.addAgents(item)
		}
	}
}

// compileNames makes one expression of the names, the longest first, in the ways in which an answer may write them. A name that
// is an ordinary word, one that halocheck says itself, is not looked for in running text; where it stands alone, it is.
func (p *pseudonymiser) compileNames() {
	ordinary := strings.ToLower(strings.Join(p.ownWords, "\n"))
	var forms []string
	for _, name := range sortedKeys(p.kinds) {
		if replaceWords(regexp.MustCompile(regexp.QuoteMeta(name)), ordinary, func(string) string { return "" }) != ordinary {
			continue
		}
		for _, form := range []string{name, url.QueryEscape(name), url.PathEscape(name), html.EscapeString(name)} {
			p.kinds[strings.ToLower(form)] = p.kinds[name]
			forms = append(forms, regexp.QuoteMeta(form))
		}
	}
	if len(forms) == 0 {
		return
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	p.names = regexp.MustCompile(`(?i)` + strings.Join(slices.Compact(forms), "|"))
}

// addrPattern and hostnames find what looks like one in running text; what is none is sorted out afterwards.
var (
	addrPattern = lazyregexp.New(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?`)
	hostPattern = lazyregexp.New(`(?i)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z]{2,}`)
)

// pseudonymise is a text of the instance's with other names in it.
func (p *pseudonymiser) pseudonymise(text string) string {
	text = p.redactor.Redact(text)
	if kind := p.kinds[strings.ToLower(strings.TrimSpace(text))]; kind != "" {
		return p.pseudonyms.Name(kind, text)
	}
	text = p.pseudonyms.Emails(text)
	if p.names != nil {
		text = replaceWords(p.names, text, func(found string) string {
			return p.pseudonyms.Name(p.kinds[strings.ToLower(found)], unescapedName(found))
		})
	}
	if !strings.ContainsAny(text, ".:") { // most answers' longest texts are certificates
		return text
	}
	text = replaceWords(addrPattern(), text, func(found string) string { return p.replaceAddr(text, found) })
	if p.hideHosts {
		text = replaceWords(hostPattern(), text, func(found string) string {
			if slices.Contains(p.ownWords, found) {
				return found
			}
			return p.pseudonyms.Host(found)
		})
	}
	return text
}

// unescapedName is a name without the escapes that it was found in.
func unescapedName(found string) string {
	if text, err := url.QueryUnescape(html.UnescapeString(found)); err == nil {
		return strings.ToLower(text)
	}
	return strings.ToLower(html.UnescapeString(found))
}

// replaceAddr is another address, unless it is one that stays. A text that is nothing else may be a version, which has four
// parts as well: it is an address where it was seen to be one.
func (p *pseudonymiser) replaceAddr(text, found string) string {
	addr, err := netip.ParseAddr(strings.Trim(found, "[]"))
	switch {
	case err != nil, p.keptAddrs[addr.Unmap()], text == found && !p.hostAddrs[addr.Unmap()]:
		return found
	case strings.HasPrefix(found, "["):
		return "[" + p.pseudonyms.Addr(addr).String() + "]"
	}
	return p.pseudonyms.Addr(addr).String()
}

// replaceWords replaces what is found where it stands for itself and is no part of a longer word.
func replaceWords(what *regexp.Regexp, text string, replace func(string) string) string {
	places := what.FindAllStringIndex(text, -1)
	if len(places) == 0 {
		return text
	}
	var out strings.Builder
	last := 0
	for _, at := range places {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		if isWordRune(before) || isWordRune(after) {
			continue
		}
		out.WriteString(text[last:at[0]])
		out.WriteString(replace(text[at[0]:at[1]]))
		last = at[1]
	}
	out.WriteString(text[last:])
	return out.String()
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
