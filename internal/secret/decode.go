package secret

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Redactor is a secret, or a token, ready to be looked for in any text. The zero value finds nothing.
type Redactor struct {
	forms  []string      // in lower case, without white space: as it is, URL-encoded, hexadecimal, base64 at its three alignments
	cut    []string      // in lower case: those that can be cut out of a text, longest first
	starts prefixFilter  // of both
	pieces fragmentIndex // of what it is in plain, in lower case and without white space
}

// NewRedactor prepares the secrets; those shorter than 6 bytes are left out, since they would be found in ordinary words.
func NewRedactor(secrets ...Text) Redactor { return Redactor{}.With(secrets...) }

// With is a redactor that finds more secrets as well.
func (r Redactor) With(secrets ...Text) Redactor {
	r.forms, r.cut, r.pieces = slices.Clone(r.forms), slices.Clone(r.cut), r.pieces.clone()
	for _, form := range Encodings(secrets...) {
		r.cut = append(r.cut, asciiLower(form))
	}
	for _, plain := range trimmedVariants(secrets) {
		if len(withoutSpace(plain)) < minSecret {
			continue
		}
		query, path := url.QueryEscape(plain), url.PathEscape(plain)
		r.pieces.add(lowerWithoutSpace(plain))
		for _, text := range []string{withoutSpace(plain), query, path} {
			r.forms = append(r.forms, asciiLower(text))
		}
		for _, text := range slices.Compact([]string{plain, query, path}) {
			r.forms = append(r.forms, hex.EncodeToString([]byte(text)))
			for _, form := range base64Cores(text) {
				r.forms = append(r.forms, asciiLower(form))
			}
		}
	}
	slices.Sort(r.forms)
	r.forms = slices.Compact(r.forms)
	longestFirst(r.cut)
	r.starts = newPrefixFilter(r.forms, r.cut)
	return r
}

// trimmedVariants are the secrets in plain, as they are and without the blanks around them, each once.
func trimmedVariants(secrets []Text) []string {
	var list []string
	for _, s := range secrets {
		for _, plain := range []string{s.Reveal(), strings.TrimSpace(s.Reveal())} {
			if !slices.Contains(list, plain) {
				list = append(list, plain)
			}
		}
	}
	return list
}

// base64Cores are the base64 digits that text alone decides, wherever it stands in what was encoded: at each of the three
// places that its first byte can have within a group, in the standard and in the URL alphabet.
func base64Cores(text string) []string {
	var forms []string
	for before := range 3 {
		padded := append(make([]byte, before), text...)
		first, last := (before*8+5)/6, len(padded)*8/6 // the digits before and after hold foreign bits too
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, alphabet.EncodeToString(padded)[first:last])
		}
	}
	return forms
}

// Contains tells whether text holds one of the secrets: as it is, escaped for a URL, JSON, HTML, XML, Markdown or a terminal
// and any three of them in turn, in hexadecimal or base64, and folded or wrapped anywhere, in upper or lower case. A piece
// of 16 bytes counts, unless it is in hexadecimal or base64.
func (r Redactor) Contains(text string) bool {
	return r.anyDecoding(text, func(view string) bool {
		_, size := r.pieces.in(view)
		return size > 0 || r.containsWhole(view)
	})
}

// containsWhole tells whether a view holds all of a secret.
func (r Redactor) containsWhole(view string) bool {
	return r.starts.find(view, func(rest string) bool {
		return slices.ContainsFunc(r.forms, func(form string) bool { return strings.HasPrefix(rest, form) })
	})
}

// anyDecoding tells whether any view of text, in lower case and without white space, has something.
func (r Redactor) anyDecoding(text string, has func(view string) bool) bool {
	if len(r.forms) == 0 {
		return false
	}
	seen := []string{text}
	for from, depth := 0, 0; from < len(seen) && depth <= mostEscapes; depth++ {
		layer := seen[from:]
		from = len(seen)
		for _, view := range layer {
			if has(lowerWithoutSpace(view)) {
				return true
			}
			for _, undo := range decoders {
				if plain := undo(view); plain != view && !slices.Contains(seen, plain) {
					seen = append(seen, plain)
				}
			}
		}
	}
	return false
}

// mostEscapes is how many escapes one inside the other are undone: a log holds JSON in JSON, and its HTML form holds that.
const mostEscapes = 3

// decoders undo one kind of escape each, wherever in a text it stands, and leave the rest alone.
var decoders = []func(string) string{decodeBackslash, html.UnescapeString, decodePercent, decodeForm, decodeNumbered}

// withoutSpace drops white space: headers fold at it, base64 is wrapped with it, and the text report breaks lines there.
func withoutSpace(text string) string {
	if !strings.ContainsAny(text, " \t\r\n") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if !isSpace(text[i]) {
			out = append(out, text[i])
		}
	}
	return string(out)
}

func isSpace(b byte) bool { return b <= ' ' && (b == ' ' || b == '\t' || b == '\r' || b == '\n') }

// lowerWithoutSpace is text in lower case and without white space, in one go: reports are long.
func lowerWithoutSpace(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if b := text[i]; !isSpace(b) {
			out = append(out, asciiLowerByte(b))
		}
	}
	return string(out)
}

// decodePercent undoes %XX.
func decodePercent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if b, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return string(out)
}

// decodeForm undoes %XX where a blank is written as a plus sign.
func decodeForm(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return decodePercent(strings.ReplaceAll(text, "+", " "))
}

// decodeBackslash undoes the escapes of JSON and Go, and a backslash before anything else, as in Markdown.
func decodeBackslash(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		i++
		width := 0
		switch text[i] {
		case 'u':
			width = 4
		case 'x':
			width = 2
		case 'U':
			width = 8
		}
		if width > 0 && i+width < len(text) {
			if code, err := hex.DecodeString(text[i+1 : i+1+width]); err == nil {
				i += width
				out = append(out, decodeCodePoint(code)...)
				continue
			}
		}
		if at := strings.IndexByte("ntrbf", text[i]); at >= 0 {
			out = append(out, "\n\t\r\b\f"[at])
			continue
		}
		out = append(out, text[i])
	}
	return string(out)
}

// decodeCodePoint is the byte of one byte, and otherwise the character of that number.
func decodeCodePoint(code []byte) []byte {
	if len(code) == 1 {
		return code
	}
	number := rune(0)
	for _, b := range code {
		number = number<<8 | rune(b)
	}
	return utf8.AppendRune(nil, number)
}

// numbered is how a report shows a character that a terminal would obey.
var numbered = regexp.MustCompile(`(?:<|&lt;)U\+([0-9A-F]{4,6})(?:>|&gt;)`)

// decodeNumbered undoes <U+XXXX>.
func decodeNumbered(text string) string {
	if !strings.Contains(text, "<U+") && !strings.Contains(text, "&lt;U+") {
		return text
	}
	return numbered.ReplaceAllStringFunc(text, func(match string) string {
		digits := numbered.FindStringSubmatch(match)[1]
		code, err := hex.DecodeString(strings.Repeat("0", len(digits)%2) + digits)
		if err != nil || len(code) == 1 {
			return match
		}
		return string(decodeCodePoint(code))
	})
}
