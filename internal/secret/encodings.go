package secret

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// hiddenForms are what a plain secret looks like in the encodings that no decoder undoes, in lower case and without blanks: as
// it is, reversed, in hexadecimal, in base64 once and twice, each of UTF-8 and of UTF-16LE.
func hiddenForms(plain string) (forms []string) {
	query, path := url.QueryEscape(plain), url.PathEscape(plain)
	forms = append(forms, withoutSpace(plain), query, path, reversed(withoutSpace(plain)))
	for _, text := range slices.Compact([]string{plain, query, path, utf16LE(plain)}) {
		forms = append(forms, hex.EncodeToString([]byte(text)))
		for _, once := range base64Cores(text) {
			forms = append(append(forms, once), base64Cores(once)...)
		}
	}
	for i := range forms {
		forms[i] = asciiLower(forms[i])
	}
	return slices.DeleteFunc(forms, func(form string) bool { return len(form) < minSecret })
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
