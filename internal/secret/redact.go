package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// minSecret is the shortest secret that is looked for: shorter ones would blot out ordinary words.
const minSecret = 6

// minTruncated is the shortest beginning of a secret that is looked for where a text was cut off in one: foreign text is kept
// short before it gets here.
const minTruncated = 12

// Redact is [Redactor.Redact] for secrets that are looked for once.
func Redact(text string, secrets ...Text) string { return NewRedactor(secrets...).Redact(text) }

// Redact replaces every occurrence of a secret in foreign text, as it is, URL-encoded, in base64 or in hexadecimal, pieces of
// one, and what a text that was cut off holds of one; a text that holds one in any other guise is replaced as a whole. A
// server may echo what it was sent; no report repeats it.
func (r Redactor) Redact(text string) string {
	if !r.Detects(text) {
		return text
	}
	for _, form := range r.cut {
		text = replaceAll(text, func(text string) (at, size int) { return strings.Index(text, form), len(form) })
	}
	if r.anyDecoding(text, r.containsWhole) {
		return redacted
	}
	for _, form := range r.cut {
		text = replaceAll(text, func(text string) (at, size int) { return findTruncated(text, form) })
	}
	text = replaceAll(text, r.pieces.in)
	if r.Contains(text) {
		return redacted
	}
	return text
}

// Detects tells whether text holds a secret, or the beginning of one as a text does that was cut off in one: whether
// [Redactor.Redact] would change it.
func (r Redactor) Detects(text string) bool {
	return r.Contains(text) || r.starts.find(asciiLower(text), func(rest string) bool {
		return slices.ContainsFunc(r.cut, func(form string) bool { return hasTruncatedForm(form) && strings.HasPrefix(rest, form[:minTruncated]) })
	})
}

// replaceAll replaces whatever find finds in text, in lower case; find says -1 or no size for nowhere.
func replaceAll(text string, find func(text string) (at, size int)) string {
	var out strings.Builder
	for low := asciiLower(text); ; {
		at, size := find(low)
		if at < 0 || size == 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:at] + redacted)
		text, low = text[at+size:], low[at+size:]
	}
}

// hasTruncatedForm tells whether a form's beginning is looked for. An address in the secret's place begins as every other does.
func hasTruncatedForm(form string) bool {
	return len(form) > minTruncated && !strings.Contains(form, "://")
}

// findTruncated is where a text holds the beginning of a form, and how many bytes of it; -1 for nowhere.
func findTruncated(text, form string) (at, same int) {
	if !hasTruncatedForm(form) {
		return -1, 0
	}
	if at = strings.Index(text, form[:minTruncated]); at < 0 {
		return -1, 0
	}
	for same = minTruncated; same < len(form) && at+same < len(text) && text[at+same] == form[same]; same++ {
	}
	return at, same
}

// Encodings are the encodings of the secrets that can be cut out of a text, longest first.
func Encodings(secrets ...Text) []string {
	var forms []string
	for _, plain := range trimmedVariants(secrets) {
		if len(plain) < minSecret {
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
