package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// fieldRule sanitises one JSON value. A value of an unexpected type becomes an empty object, which readers of the field reject
// as well.
type fieldRule func(*sanitiser, any) any

// object keeps the named fields, in any case, as encoding/json matches them.
func object(fields map[string]fieldRule) fieldRule {
	return func(c *sanitiser, v any) any {
		from, ok := v.(map[string]any)
		if !ok {
			return wrongType(v)
		}
		out := map[string]any{}
		for _, key := range sorted(from) { // sorted, so that pseudonyms are reproducible
			value := from[key]
			if keep := fields[strings.ToLower(key)]; keep != nil {
				out[key] = keep(c, value)
			}
		}
		return out
	}
}

// list applies a rule to every element.
func list(of fieldRule) fieldRule {
	return func(c *sanitiser, v any) any {
		from, ok := v.([]any)
		if !ok {
			return wrongType(v)
		}
		out := []any{}
		for _, value := range from {
			out = append(out, of(c, value))
		}
		return out
	}
}

// wrongType replaces a value of the wrong type; null stays.
func wrongType(v any) any {
	if v == nil {
		return nil
	}
	return map[string]any{}
}

// text makes a rule of a function over strings. A number becomes 1, a boolean stays.
func text(keep func(*sanitiser, string) string) fieldRule {
	return func(c *sanitiser, v any) any {
		switch v := v.(type) {
		case string:
			return keep(c, v)
		case bool:
			return v
		case json.Number:
			return json.Number("1")
		}
		return wrongType(v)
	}
}

// nameOf replaces a name by its pseudonym.
func nameOf(kind string) fieldRule {
	return text(func(c *sanitiser, s string) string { return c.of(kind, s) })
}

// namesOf replaces a separated list of names.
func namesOf(kind string) fieldRule {
	return text(func(c *sanitiser, s string) string {
		parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' })
		for i := range parts {
			parts[i] = c.of(kind, parts[i])
		}
		return strings.Join(parts, ", ")
	})
}

// oneOf keeps a word of a vocabulary, in the vocabulary's spelling, and replaces any other.
func oneOf(otherwise string, words ...string) fieldRule {
	return text(func(_ *sanitiser, s string) string { return knownWord(s, otherwise, words...) })
}

func knownWord(s, otherwise string, words ...string) string {
	if s == "" {
		return ""
	}
	if at := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, s) }); at >= 0 {
		return words[at]
	}
	return otherwise
}

// id replaces an id and keeps its type.
func id(c *sanitiser, v any) any {
	switch v := v.(type) {
	case string:
		return c.id(v)
	case json.Number:
		if !digits().MatchString(v.String()) {
			return v // signed or fractional: no id
		}
		return json.Number(c.id(v.String()))
	}
	return wrongType(v)
}

// flag keeps a boolean, also as text or number.
func flag(_ *sanitiser, v any) any {
	switch written := strings.ToLower(fmt.Sprint(v)); written {
	case "true", "false", "0", "1", "t", "f":
		return v
	}
	return wrongType(v)
}

// number keeps an integer, such as a token's lifetime in seconds.
func number(_ *sanitiser, v any) any {
	n, ok := v.(json.Number)
	if _, err := n.Int64(); ok && err == nil {
		return n
	}
	return wrongType(v)
}

var versionForm = lazyregexp.New(`^\s*[vV]?[0-9]{1,5}(\.[0-9]{1,6}){1,4}`)

// version keeps the numeric part of a version; an unreadable one stays unreadable.
var version = text(func(_ *sanitiser, s string) string {
	if s == "" {
		return ""
	}
	if found := strings.TrimSpace(versionForm().FindString(s)); found != "" {
		return found
	}
	return "unreadable"
})

// scopes keeps scopes that HaloPSA or the guide knows and replaces others.
var scopes = text(func(c *sanitiser, s string) string {
	var kept []string
	for _, scope := range halo.ScopeList(s) {
		kept = append(kept, c.scope(scope))
	}
	return strings.Join(kept, " ")
})

func (c *sanitiser) scope(name string) string {
	return knownWord(name, "other:scope", slices.Concat(guide.Scopes, c.guideScopes)...)
}

// claimType keeps two-character codes and known long names.
var claimType = text(func(_ *sanitiser, s string) string {
	if codeForm().MatchString(s) || (halo.Claim{Type: s}).Code() != s {
		return s
	}
	return "Unknown_Claim"
})

// claimValue keeps numbers and booleans.
var claimValue = text(func(_ *sanitiser, s string) string {
	if valueForm().MatchString(strings.TrimSpace(s)) {
		return strings.TrimSpace(s)
	}
	return "?"
})

var (
	codeForm  = lazyregexp.New(`^[A-Za-z0-9]{1,2}$`)
	valueForm = lazyregexp.New(`^(?i:[0-9]{1,4}|true|false)$`)
)

// description keeps the words of oauthWords, which suffice to tell errors apart, and drops all others.
var description = text(func(_ *sanitiser, s string) string {
	var kept []string
	for _, written := range strings.Fields(s) {
		if slices.Contains(oauthWords, strings.ToLower(strings.Trim(written, punctuation))) {
			kept = append(kept, written)
		}
	}
	return strings.Join(kept, " ")
})

// punctuation may surround a word.
const punctuation = `.,;:'"()`

var oauthWords = strings.Fields(`a accepts access active allowed an and application are assigned at authenticate authorised authorization
	authorized be by can cannot client client_credentials client_id client_secret code content-type credentials could denied
	disabled does exceeds exist expired failed for found grant grant_type granted has header http https id in inactive invalid
	is it known limit mandatory method missing must no not of on only or parameter parameters password permission permitted
	provided refresh request requested requests required scope scopes secret server specified status supported tenant that the
	this to token type unable unauthorised unauthorized unknown unsupported use used user using valid value was when with wrong`)

// oauthErrors are the error codes of RFC 6749 and RFC 6750.
var oauthErrors = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"access_denied", "server_error", "temporarily_unavailable", "invalid_token", "insufficient_scope",
}
