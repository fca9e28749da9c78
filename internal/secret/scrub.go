package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// minScrubbed is the shortest secret that is looked for: shorter ones would blot out ordinary words.
const minScrubbed = 6

// minCut is the shortest beginning of a secret that is looked for where a text was cut off in one: foreign text is kept
// short before it gets here.
const minCut = 12

// Scrub is [Needle.Scrub] for secrets that are looked for once.
func Scrub(text string, secrets ...Text) string { return NewNeedle(secrets...).Scrub(text) }

// Scrub replaces every occurrence of a secret in foreign text, as it is, URL-encoded, in base64 or in hexadecimal, pieces of
// one, and what a text that was cut off holds of one; a text that holds one in any other guise is replaced as a whole. A
// server may echo what it was sent; no report repeats it.
func (n Needle) Scrub(text string) string {
	if !n.Touches(text) {
		return text
	}
	for _, form := range n.cut {
		text = cut(text, func(text string) (at, size int) { return strings.Index(text, form), len(form) })
	}
	if n.sees(text, n.whole) {
		return redacted
	}
	for _, form := range n.cut {
		text = cut(text, func(text string) (at, size int) { return begun(text, form) })
	}
	text = cut(text, n.pieces.in)
	if n.In(text) {
		return redacted
	}
	return text
}

// Touches tells whether text holds a secret, or the beginning of one as a text does that was cut off in one: whether
// [Needle.Scrub] would change it.
func (n Needle) Touches(text string) bool {
	return n.In(text) || n.starts.find(lower(text), func(rest string) bool {
		return slices.ContainsFunc(n.cut, func(form string) bool { return cuttable(form) && strings.HasPrefix(rest, form[:minCut]) })
	})
}

// cut replaces whatever find finds in text, in lower case; find says -1 or no size for nowhere.
func cut(text string, find func(text string) (at, size int)) string {
	var out strings.Builder
	for low := lower(text); ; {
		at, size := find(low)
		if at < 0 || size == 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:at] + redacted)
		text, low = text[at+size:], low[at+size:]
	}
}

// cuttable tells whether a form's beginning is looked for. An address in the secret's place begins as every other does.
func cuttable(form string) bool { return len(form) > minCut && !strings.Contains(form, "://") }

// begun is where a text holds the beginning of a form, and how many bytes of it; -1 for nowhere.
func begun(text, form string) (at, same int) {
	if !cuttable(form) {
		return -1, 0
	}
	if at = strings.Index(text, form[:minCut]); at < 0 {
		return -1, 0
	}
	for same = minCut; same < len(form) && at+same < len(text) && text[at+same] == form[same]; same++ {
	}
	return at, same
}

// Forms are the encodings of the secrets that can be cut out of a text, longest first.
func Forms(secrets ...Text) []string {
	var forms []string
	for _, plain := range plains(secrets) {
		if len(plain) < minScrubbed {
			continue
		}
		forms = append(forms, plain, url.QueryEscape(plain), url.PathEscape(plain),
			hex.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(plain)),
			base64.URLEncoding.EncodeToString([]byte(plain)), base64.RawStdEncoding.EncodeToString([]byte(plain)))
	}
	longestFirst(forms)
	return forms
}

func longestFirst(forms []string) {
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
}
