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

	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// veil gives other names to whoever and whatever a bundle must not name.
type veil struct {
	book    *pseudonym.Book
	needle  secret.Needle
	ours    []string          // what halocheck and the guide say themselves
	kinds   map[string]string // what has another name, in lower case, and its kind
	words   *regexp.Regexp    // finds those of them that can be found in running text; nil: there are none
	machine map[netip.Addr]bool
	keep    map[netip.Addr]bool // the guide's addresses, and the machines' unless hosts are hidden
	hosts   bool                // hosts and addresses have other names too
}

// minName is the shortest name that is looked for.
const minName = 3

// newVeil gathers who is named: whoever the answers named as a person or a customer, and, where hosts are hidden, what
// the certificates and the tenant say.
func newVeil(s *probes.Session, r *report.Report, hosts bool) *veil {
	v := &veil{
		book: probes.Local[pseudonym.Book](s), needle: halo.Redactor(s), ours: vocabulary(s), kinds: map[string]string{},
		machine: map[netip.Addr]bool{}, keep: map[netip.Addr]bool{}, hosts: hosts,
	}
	if s.Net.Log != nil {
		for _, name := range s.Net.Log.Named() {
			v.add("name", name)
		}
	}
	for _, name := range sortedKeys(r.Evidence) {
		var tree any
		if json.Unmarshal(r.Evidence[name], &tree) == nil {
			v.agents(tree)
		}
		if strings.HasPrefix(name, "network.") {
			note(v.machine, addresses.FindAllString(string(r.Evidence[name]), -1))
		}
	}
	if hosts {
		v.hide(r)
	} else {
		maps.Copy(v.keep, v.machine)
	}
	if s.Guide.Network != nil {
		note(v.keep, s.Guide.Network.Addresses)
	}
	v.compile()
	return v
}

// hide adds what names the customer's machines besides their hosts.
func (v *veil) hide(r *report.Report) {
	v.add("tenant", r.Target.Tenant)
	for _, raw := range r.Evidence {
		var tree any
		if json.Unmarshal(raw, &tree) == nil {
			v.owners(tree)
		}
	}
	for _, text := range []string{r.Target.URL, r.Target.AuthURL} {
		if u, err := url.Parse(text); err == nil && !strings.Contains(u.Hostname(), ".") {
			v.add("h", u.Hostname())
		}
	}
}

// vocabulary is what halocheck and the guide say themselves; a name that stands in it is no name that tells of anybody.
func vocabulary(s *probes.Session) []string {
	ours := []string{"Not set"}
	for _, c := range checksOf(s) {
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

// add gives a value another name, unless it is one of our own words.
func (v *veil) add(kind, value string) {
	value = strings.TrimSpace(value)
	lower := strings.ToLower(value)
	if utf8.RuneCountInString(value) < minName || v.kinds[lower] != "" || v.needle.In(value) {
		return
	}
	if slices.ContainsFunc(v.ours, func(text string) bool { return strings.EqualFold(text, value) }) {
		return
	}
	v.kinds[lower] = kind
}

// note adds addresses to a set.
func note(set map[netip.Addr]bool, texts []string) {
	for _, text := range texts {
		if addr, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
			set[addr.Unmap()] = true
		}
	}
}

// agents adds the agents in an answer.
func (v *veil) agents(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, item := range tree {
			v.agents(item)
		}
	case map[string]any:
		if agent, ok := tree["agent"].(map[string]any); ok {
			if name, ok := agent["name"].(string); ok {
				v.add("name", name)
			}
		}
		for _, item := range tree {
			v.agents(item)
		}
	}
}

// compile makes one expression of the names, the longest first, in the ways in which an answer may write them. A name that
// is an ordinary word, one that halocheck says itself, is not looked for in running text; where it stands alone, it is.
func (v *veil) compile() {
	ordinary := strings.ToLower(strings.Join(v.ours, "\n"))
	var forms []string
	for _, name := range sortedKeys(v.kinds) {
		if apart(regexp.MustCompile(regexp.QuoteMeta(name)), ordinary, func(string) string { return "" }) != ordinary {
			continue
		}
		for _, form := range []string{name, url.QueryEscape(name), url.PathEscape(name), html.EscapeString(name)} {
			v.kinds[strings.ToLower(form)] = v.kinds[name]
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
	v.words = regexp.MustCompile(`(?i)` + strings.Join(slices.Compact(forms), "|"))
}

// addresses and hostnames find what looks like one in running text; what is none is sorted out afterwards.
var (
	addresses = regexp.MustCompile(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?`)
	hostnames = regexp.MustCompile(`(?i)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z]{2,}`)
)

// foreign is a text of the instance's with other names in it.
func (v *veil) foreign(text string) string {
	text = v.needle.Scrub(text)
	if kind := v.kinds[strings.ToLower(strings.TrimSpace(text))]; kind != "" {
		return v.book.Of(kind, text)
	}
	text = v.book.Mails(text)
	if v.words != nil {
		text = apart(v.words, text, func(found string) string { return v.book.Of(v.kinds[strings.ToLower(found)], plain(found)) })
	}
	if !strings.ContainsAny(text, ".:") { // most answers' longest texts are certificates
		return text
	}
	text = apart(addresses, text, func(found string) string { return v.address(text, found) })
	if v.hosts {
		text = apart(hostnames, text, func(found string) string {
			if slices.Contains(v.ours, found) {
				return found
			}
			return v.book.Host(found)
		})
	}
	return text
}

// plain is a name without the escapes that it was found in.
func plain(found string) string {
	if text, err := url.QueryUnescape(html.UnescapeString(found)); err == nil {
		return strings.ToLower(text)
	}
	return strings.ToLower(html.UnescapeString(found))
}

// address is another address, unless it is one that stays. A text that is nothing else may be a version, which has four
// parts as well: it is an address where it was seen to be one.
func (v *veil) address(text, found string) string {
	addr, err := netip.ParseAddr(strings.Trim(found, "[]"))
	switch {
	case err != nil, v.keep[addr.Unmap()], text == found && !v.machine[addr.Unmap()]:
		return found
	case strings.HasPrefix(found, "["):
		return "[" + v.book.Addr(addr).String() + "]"
	}
	return v.book.Addr(addr).String()
}

// apart replaces what is found where it stands for itself and is no part of a longer word.
func apart(what *regexp.Regexp, text string, replace func(string) string) string {
	places := what.FindAllStringIndex(text, -1)
	if len(places) == 0 {
		return text
	}
	var out strings.Builder
	last := 0
	for _, at := range places {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		if wordly(before) || wordly(after) {
			continue
		}
		out.WriteString(text[last:at[0]])
		out.WriteString(replace(text[at[0]:at[1]]))
		last = at[1]
	}
	out.WriteString(text[last:])
	return out.String()
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
