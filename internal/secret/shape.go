package secret

import (
	"regexp"
	"strings"
	"unicode"
)

// guid is the form of Client IDs; a Client Secret is two of them with a hyphen between (halo-api §1).
var guid = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// longEnough is how many characters a word has at least before it is taken for a secret, in bytes.
const longEnough = 19

// LooksLikeOne tells whether a text that was typed for something else may be a secret in the wrong place, so that no
// message may repeat it: it holds a GUID, or is one long word of small and capital letters with digits.
func LooksLikeOne(typed string) bool {
	if guid.MatchString(typed) {
		return true
	}
	_, word, found := strings.Cut(typed, "://")
	if !found {
		word = typed
	}
	word = strings.TrimRight(word, "/")
	has := func(is func(rune) bool) bool { return strings.IndexFunc(word, is) >= 0 }
	return len(word) >= longEnough && !strings.ContainsAny(word, "./: \t[") && has(unicode.IsLower) && has(unicode.IsUpper) && has(unicode.IsDigit)
}
