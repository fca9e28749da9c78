package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// minScrubbed is the shortest secret that is looked for: shorter ones would blot out ordinary words.
const minScrubbed = 6

// minCut is the shortest beginning of a secret that is looked for where a text was cut off in one: foreign text is kept
// short before it gets here.
const minCut = 12

// Scrub replaces every occurrence of a secret in foreign text, as it is, URL-encoded, in base64 or in hexadecimal, pieces of
// one, and what a text that was cut off holds of one; a text that holds one in any other guise is replaced as a whole. A
// server may echo what it was sent; no report repeats it.
func Scrub(text string, secrets ...Text) string {
	forms, needle := Forms(secrets...), NewNeedle(secrets...)
	for i, form := range forms {
		forms[i] = lower(form)
		text = cut(text, func(text string) (at, size int) { return strings.Index(text, forms[i]), len(form) })
	}
	if needle.sees(text, needle.whole) {
		return redacted
	}
	for _, form := range forms {
		text = cut(text, func(text string) (at, size int) { return begun(text, form) })
	}
	text = cut(text, needle.pieces.in)
	if needle.In(text) {
		return redacted
	}
	return text
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

// Begun tells whether text holds the beginning of a secret, as a text does that was cut off in one.
func Begun(text string, secrets ...Text) bool {
	low := lower(text)
	return slices.ContainsFunc(Forms(secrets...), func(form string) bool {
		at, _ := begun(low, lower(form))
		return at >= 0
	})
}

// begun is where a text holds the beginning of a form, and how many bytes of it; -1 for nowhere. An address in the
// secret's place begins as every other does, and is not looked for.
func begun(text, form string) (at, same int) {
	if len(form) <= minCut || strings.Contains(form, "://") {
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
	for _, s := range secrets {
		for _, plain := range []string{s.Reveal(), strings.TrimSpace(s.Reveal())} {
			if len(plain) < minScrubbed {
				continue
			}
			forms = append(forms, plain, url.QueryEscape(plain), url.PathEscape(plain),
				hex.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(plain)),
				base64.URLEncoding.EncodeToString([]byte(plain)), base64.RawStdEncoding.EncodeToString([]byte(plain)))
		}
	}
	sort.Slice(forms, func(i, j int) bool { return len(forms[i]) > len(forms[j]) })
	return forms
}
