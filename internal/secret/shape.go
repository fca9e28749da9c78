package secret

import (
	"strings"
	"unicode"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// guidForm is the form of Client IDs; a Client Secret is two of them with a hyphen between (halo-api §1).
const guidForm = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

var guid = lazyregexp.New(`(?i)` + guidForm)

// longEnough is how many characters a word has at least before it is taken for a secret, in bytes.
const longEnough = 19

// LooksLikeOne tells whether a text that was typed for something else may be a secret in the wrong place, so that no
// message may repeat it: it holds a GUID, or is one long word of small and capital letters with digits.
func LooksLikeOne(typed string) bool {
	if guid().MatchString(typed) {
		return true
	}
	_, word, found := strings.Cut(typed, "://")
	if !found {
		word = typed
	}
	word = strings.TrimRight(word, "/")
	return len(word) >= longEnough && !strings.ContainsAny(word, "./: \t[") && mixed(word)
}

// mixed tells a word of small and capital letters and digits.
func mixed(word string) bool {
	has := func(is func(rune) bool) bool { return strings.IndexFunc(word, is) >= 0 }
	return has(unicode.IsLower) && has(unicode.IsUpper) && has(unicode.IsDigit)
}

// HasSecretForm tells whether a text holds what has the form of a Client Secret: two GUIDs with a hyphen between.
func HasSecretForm(text string) bool { return secretForm().MatchString(text) }

var secretForm = lazyregexp.New(`(?i)` + guidForm + `-` + guidForm)

// guids are one or more with hyphens between; longWord is one that is long enough to be a secret, with what stands beside it.
var (
	guids    = lazyregexp.New(`(?i)` + guidForm + `(-[0-9a-f-]+)?`)
	longWord = lazyregexp.New(`(^|[^\w+/=~.-])[\w+=~-]{19,}($|[^\w+/=~-])`)
)

// Hide replaces in a message whatever may be a secret that was typed in a wrong place: GUIDs, and long words of small and
// capital letters with digits. Parts of a path and names with an extension stay.
func Hide(message string) string {
	message = guids().ReplaceAllString(message, redacted)
	return longWord().ReplaceAllStringFunc(message, func(found string) string {
		core := strings.TrimFunc(found, func(r rune) bool { return !isWordRune(r) })
		if !mixed(core) || strings.HasSuffix(found, ".") && !strings.HasSuffix(message, found) {
			return found
		}
		return strings.Replace(found, core, redacted, 1)
	})
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_+=~-", r)
}
