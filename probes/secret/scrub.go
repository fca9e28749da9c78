package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"sort"
	"strings"
)

// minScrubbed is the shortest secret that is looked for: shorter ones would blot out ordinary words.
const minScrubbed = 6

// Scrub replaces every occurrence of a secret in foreign text, as it is, URL-encoded, in base64 or in hexadecimal; a text
// that holds one in any other guise is replaced as a whole. A server may echo what it was sent; no report repeats it.
func Scrub(text string, secrets ...Text) string {
	for _, form := range Forms(secrets...) {
		text = strings.ReplaceAll(text, form, redacted)
	}
	if NewNeedle(secrets...).In(text) {
		return redacted
	}
	return text
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
