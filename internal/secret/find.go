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

// Needle is a secret, or a token, ready to be looked for in any text. The zero value finds nothing.
type Needle struct {
	forms  []string // in lower case, without white space: as it is, URL-encoded, hexadecimal, base64 at its three alignments
	cut    []string // in lower case: those that can be cut out of a text, longest first
	starts starts   // of both
	pieces pieces   // of what it is in plain, in lower case and without white space
}

// NewNeedle prepares the secrets; those shorter than 6 bytes are left out, since they would be found in ordinary words.
func NewNeedle(secrets ...Text) Needle { return Needle{}.With(secrets...) }

// With is a needle that finds more secrets as well.
func (n Needle) With(secrets ...Text) Needle {
	n.forms, n.cut, n.pieces = slices.Clone(n.forms), slices.Clone(n.cut), n.pieces.clone()
	for _, form := range Forms(secrets...) {
		n.cut = append(n.cut, lower(form))
	}
	for _, plain := range plains(secrets) {
		if len(squeeze(plain)) < minScrubbed {
			continue
		}
		query, path := url.QueryEscape(plain), url.PathEscape(plain)
		n.pieces.add(folded(plain))
		for _, text := range []string{squeeze(plain), query, path} {
			n.forms = append(n.forms, lower(text))
		}
		for _, text := range slices.Compact([]string{plain, query, path}) {
			n.forms = append(n.forms, hex.EncodeToString([]byte(text)))
			for _, form := range aligned(text) {
				n.forms = append(n.forms, lower(form))
			}
		}
	}
	slices.Sort(n.forms)
	n.forms = slices.Compact(n.forms)
	longestFirst(n.cut)
	n.starts = startsOf(n.forms, n.cut)
	return n
}

// plains are the secrets in plain, as they are and without the blanks around them, each once.
func plains(secrets []Text) []string {
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

// aligned are the base64 digits that text alone decides, wherever it stands in what was encoded: at each of the three
// places that its first byte can have within a group, in the standard and in the URL alphabet.
func aligned(text string) []string {
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

// In tells whether text holds one of the secrets: as it is, escaped for a URL, JSON, HTML, XML, Markdown or a terminal
// and any three of them in turn, in hexadecimal or base64, and folded or wrapped anywhere, in upper or lower case. A piece
// of 16 bytes counts, unless it is in hexadecimal or base64.
func (n Needle) In(text string) bool {
	return n.sees(text, func(view string) bool {
		_, size := n.pieces.in(view)
		return size > 0 || n.whole(view)
	})
}

// whole tells whether a view holds all of a secret.
func (n Needle) whole(view string) bool {
	return n.starts.find(view, func(rest string) bool {
		return slices.ContainsFunc(n.forms, func(form string) bool { return strings.HasPrefix(rest, form) })
	})
}

// sees tells whether any view of text, in lower case and without white space, has something.
func (n Needle) sees(text string, has func(view string) bool) bool {
	if len(n.forms) == 0 {
		return false
	}
	seen := []string{text}
	for from, depth := 0, 0; from < len(seen) && depth <= mostEscapes; depth++ {
		layer := seen[from:]
		from = len(seen)
		for _, view := range layer {
			if has(folded(view)) {
				return true
			}
			for _, undo := range unescapes {
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

// unescapes undo one kind of escape each, wherever in a text it stands, and leave the rest alone.
var unescapes = []func(string) string{unbackslash, html.UnescapeString, unpercent, unquery, unnumber}

// squeeze drops white space: headers fold at it, base64 is wrapped with it, and the text report breaks lines there.
func squeeze(text string) string {
	if !strings.ContainsAny(text, " \t\r\n") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if !white(text[i]) {
			out = append(out, text[i])
		}
	}
	return string(out)
}

func white(b byte) bool { return b <= ' ' && (b == ' ' || b == '\t' || b == '\r' || b == '\n') }

// folded is text in lower case and without white space, in one go: reports are long.
func folded(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if b := text[i]; !white(b) {
			out = append(out, lowered(b))
		}
	}
	return string(out)
}

// unpercent undoes %XX.
func unpercent(text string) string {
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

// unquery undoes %XX where a blank is written as a plus sign.
func unquery(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return unpercent(strings.ReplaceAll(text, "+", " "))
}

// unbackslash undoes the escapes of JSON and Go, and a backslash before anything else, as in Markdown.
func unbackslash(text string) string {
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
				out = append(out, unhex(code)...)
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

// unhex is the byte of one byte, and otherwise the character of that number.
func unhex(code []byte) []byte {
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

// unnumber undoes <U+XXXX>.
func unnumber(text string) string {
	if !strings.Contains(text, "<U+") && !strings.Contains(text, "&lt;U+") {
		return text
	}
	return numbered.ReplaceAllStringFunc(text, func(match string) string {
		digits := numbered.FindStringSubmatch(match)[1]
		code, err := hex.DecodeString(strings.Repeat("0", len(digits)%2) + digits)
		if err != nil || len(code) == 1 {
			return match
		}
		return string(unhex(code))
	})
}
