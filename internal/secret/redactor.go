package secret

import (
	"encoding/hex"
	"slices"
	"strings"
)

// minSecret is the shortest secret that is looked for: shorter ones would blot out ordinary words.
const minSecret = 6

// minTruncated is the shortest beginning of a secret that is looked for where a text was cut off in one: foreign text is kept
// short before it gets here.
const minTruncated = 12

// Redactor finds secrets and tokens in any text and takes them out. The zero value finds nothing.
type Redactor struct {
	forms     []string      // what is found as a whole: see hiddenForms
	plain     []string      // what is found with single separators in it: a secret in plain
	hex       []string      // what is found with any separators in it: a secret in hexadecimal
	cut       []string      // in lower case: those that can be cut out of a text, longest first
	whole     formIndex     // of forms
	separated formIndex     // of plain
	digits    formIndex     // of hex
	begun     formIndex     // of the beginnings of cut
	pieces    fragmentIndex // of what it is in plain, in lower case and without white space
}

// NewRedactor prepares the secrets; those shorter than 6 bytes are left out, since they would be found in ordinary words.
func NewRedactor(secrets ...Text) Redactor { return Redactor{}.With(secrets...) }

// With is a redactor that finds more secrets as well.
func (r Redactor) With(secrets ...Text) Redactor {
	r.forms, r.plain, r.hex, r.cut = slices.Clone(r.forms), slices.Clone(r.plain), slices.Clone(r.hex), slices.Clone(r.cut)
	r.pieces = r.pieces.clone()
	for _, form := range Encodings(secrets...) {
		r.cut = append(r.cut, asciiLower(form))
	}
	for _, plain := range trimmedVariants(secrets) {
		folded := lowerWithoutSpace(plain)
		if len(folded) < minSecret {
			continue
		}
		r.pieces.add(folded)
		r.pieces.add(reversed(folded))
		end := tail(plain, maxForm)
		r.plain = append(r.plain, lowerWithoutSpace(end))
		r.hex = append(r.hex, hex.EncodeToString([]byte(end)), hex.EncodeToString([]byte(utf16LE(end))))
		r.forms = append(r.forms, hiddenForms(plain)...)
	}
	longestFirst(r.cut)
	var beginnings []string
	for _, form := range r.cut {
		if hasTruncatedForm(form) {
			beginnings = append(beginnings, form[:minTruncated])
		}
	}
	r.whole, r.separated, r.digits, r.begun = newFormIndex(r.forms), newFormIndex(r.plain), newFormIndex(r.hex), newFormIndex(beginnings)
	return r
}

// Contains tells whether text holds one of the secrets: as it is, reversed, in upper or lower case, with single separators
// between its characters, escaped for a URL, JSON, JavaScript, HTML, XML, Markdown or a terminal and any three of these in
// turn, in hexadecimal with any separators, in base64 once or twice, and folded or wrapped anywhere. A piece of 16 bytes counts,
// unless it is in hexadecimal or base64.
func (r Redactor) Contains(text string) bool {
	return r.anyView(text, func(view string) bool {
		_, size := r.pieces.in(view)
		return size > 0 || r.containsWhole(view)
	})
}

// containsWhole tells whether a view, in lower case and without white space, holds all of a secret.
func (r Redactor) containsWhole(view string) bool {
	return r.whole.in(view) || r.separated.separated(oneBytePerRune(view)) || r.digits.in(hexDigits(view))
}

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
	if r.anyView(text, r.containsWhole) {
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
	return r.Contains(text) || r.begun.in(asciiLower(text))
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
	same = minTruncated
	for at+same < len(text) && strings.HasPrefix(form[same:], text[at+same:at+same+1]) {
		same++
	}
	return at, same
}
