package secret

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// hiddenForms are what a plain secret looks like in the encodings that no decoder undoes, in lower case and without blanks: as
// it is, reversed, in hexadecimal, in base64 once and twice, each of UTF-8 and of UTF-16LE.
func hiddenForms(plain string) (forms []string) {
	forms = append(forms, withoutSpace(plain))
	whole := plain
	plain = tail(plain, maxForm)
	query, path := url.QueryEscape(plain), url.PathEscape(plain)
	forms = append(forms, query, path, reversed(withoutSpace(plain)))
	for _, text := range slices.Compact([]string{plain, query, path, utf16LE(plain)}) {
		forms = append(append(forms, hex.EncodeToString([]byte(text))), base64Cores(text)...)
	}
	for _, part := range halves(whole) {
		for _, text := range slices.Compact([]string{part, url.QueryEscape(part), url.PathEscape(part), utf16LE(part)}) {
			for _, once := range base64Cores(text) {
				forms = append(forms, base64Cores(once)...)
			}
		}
	}
	for i := range forms {
		forms[i] = asciiLower(forms[i])
	}
	return slices.DeleteFunc(forms, func(form string) bool { return len(form) < minSecret })
}

// maxForm is how much of a secret is looked for in encodings: a token is a thousand bytes, and each of its encodings many more.
const maxForm = 24

// tail is the end of a long secret, which every encoding of all of it holds as well; the beginning of a token is the same for
// all of one server. A URL in a secret's place is looked for whole: its end may be a word.
func tail(plain string, size int) string {
	if len(plain) <= size || strings.Contains(plain, "://") {
		return plain
	}
	cut := len(plain) - size
	for cut < len(plain) && !utf8.RuneStart(plain[cut]) {
		cut++
	}
	return plain[cut:]
}

// halves are two parts of a secret, one of which every base64 of it holds in one line: lines have 64 digits, which are 48 bytes, or
// more. A line feed within is no white space once base64 was encoded again.
func halves(plain string) []string {
	plain = tail(plain, 2*maxForm)
	end := tail(plain, len(plain)/2)
	if len(plain) < 2*gram || end == plain {
		return []string{plain}
	}
	return []string{plain[:len(plain)-len(end)], end}
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

// reversed is text from its last character to its first.
func reversed(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// utf16LE are the bytes of text as .NET and PowerShell encode it.
func utf16LE(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
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
