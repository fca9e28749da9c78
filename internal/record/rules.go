package record

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// A rule is what is kept of one JSON value. In place of what is of another type than the rule expects an empty object is
// kept, which is as unreadable to whoever expects that type.
type rule func(*cleaner, any) any

// object keeps the fields that are named, whatever their case: the checker's own decoder does not mind it either.
func object(fields map[string]rule) rule {
	return func(c *cleaner, v any) any {
		from, ok := v.(map[string]any)
		if !ok {
			return other(v)
		}
		out := map[string]any{}
		for _, key := range sorted(from) { // in order, so that names get the same numbers every time
			value := from[key]
			if keep := fields[strings.ToLower(key)]; keep != nil {
				out[key] = keep(c, value)
			}
		}
		return out
	}
}

// list keeps every element by the same rule.
func list(of rule) rule {
	return func(c *cleaner, v any) any {
		from, ok := v.([]any)
		if !ok {
			return other(v)
		}
		out := []any{}
		for _, value := range from {
			out = append(out, of(c, value))
		}
		return out
	}
}

// other is a value of the wrong type: null says nothing and stays.
func other(v any) any {
	if v == nil {
		return nil
	}
	return map[string]any{}
}

// text makes a rule of a function over text. A number stays one, and says nothing any more.
func text(keep func(*cleaner, string) string) rule {
	return func(c *cleaner, v any) any {
		switch v := v.(type) {
		case string:
			return keep(c, v)
		case bool:
			return v
		case json.Number:
			return json.Number("1")
		}
		return other(v)
	}
}

// named is a name of a kind.
func named(kind string) rule { return text(func(c *cleaner, s string) string { return c.of(kind, s) }) }

// namesOf are several names in one text.
func namesOf(kind string) rule {
	return text(func(c *cleaner, s string) string {
		parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' })
		for i := range parts {
			parts[i] = c.of(kind, parts[i])
		}
		return strings.Join(parts, ", ")
	})
}

// oneOf keeps a word of a vocabulary, as the vocabulary spells it; any other is replaced.
func oneOf(otherwise string, words ...string) rule {
	return text(func(_ *cleaner, s string) string { return word(s, otherwise, words...) })
}

func word(s, otherwise string, words ...string) string {
	if s == "" {
		return ""
	}
	if at := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, s) }); at >= 0 {
		return words[at]
	}
	return otherwise
}

// id is an id, which keeps its type.
func id(c *cleaner, v any) any {
	switch v := v.(type) {
	case string:
		return c.id(v)
	case json.Number:
		if !digits.MatchString(v.String()) {
			return v // a sign or a fraction: no id of anything
		}
		return json.Number(c.id(v.String()))
	}
	return other(v)
}

// flag is a boolean, also one written as text or number.
func flag(_ *cleaner, v any) any {
	switch written := strings.ToLower(fmt.Sprint(v)); written {
	case "true", "false", "0", "1", "t", "f":
		return v
	}
	return other(v)
}

// number is a count, such as the seconds that a token lives.
func number(_ *cleaner, v any) any {
	n, ok := v.(json.Number)
	if _, err := n.Int64(); ok && err == nil {
		return n
	}
	return other(v)
}

var versionForm = regexp.MustCompile(`^\s*[vV]?[0-9]{1,5}(\.[0-9]{1,6}){1,4}`)

// version is as much of a version as is compared; one that cannot be read stays unreadable.
var version = text(func(_ *cleaner, s string) string {
	if s == "" {
		return ""
	}
	if found := strings.TrimSpace(versionForm.FindString(s)); found != "" {
		return found
	}
	return "unreadable"
})

// scopes are those that HaloPSA or the guide knows; each other one is an other scope.
var scopes = text(func(c *cleaner, s string) string {
	var kept []string
	for _, scope := range halo.ScopeList(s) {
		kept = append(kept, c.scope(scope))
	}
	return strings.Join(kept, " ")
})

func (c *cleaner) scope(name string) string {
	return word(name, "other:scope", slices.Concat(guide.Scopes, c.asked)...)
}

// claimType keeps codes of two characters and the long names that are known; the rest is a long name that is not.
var claimType = text(func(_ *cleaner, s string) string {
	if codeForm.MatchString(s) || (halo.Claim{Type: s}).Code() != s {
		return s
	}
	return "Unknown_Claim"
})

// claimValue keeps what is read as a number.
var claimValue = text(func(_ *cleaner, s string) string {
	if valueForm.MatchString(strings.TrimSpace(s)) {
		return strings.TrimSpace(s)
	}
	return "?"
})

var (
	codeForm  = regexp.MustCompile(`^[A-Za-z0-9]{1,2}$`)
	valueForm = regexp.MustCompile(`^(?i:[0-9]{1,4}|true|false)$`)
)

// description keeps the words that speak of OAuth and leaves out all others: what is meant is told by some of them, and a
// name, a secret or an address is none.
var description = text(func(_ *cleaner, s string) string {
	var kept []string
	for _, written := range strings.Fields(s) {
		if slices.Contains(oauthWords, strings.ToLower(strings.Trim(written, edges))) {
			kept = append(kept, written)
		}
	}
	return strings.Join(kept, " ")
})

// edges is what may stand around a word.
const edges = `.,;:'"()`

var oauthWords = strings.Fields(`a accepts access active allowed an and application are assigned at authenticate authorised authorization
	authorized be by can cannot client client_credentials client_id client_secret code content-type credentials could denied
	disabled does exceeds exist expired failed for found grant grant_type granted has header http https id in inactive invalid
	is it known limit mandatory method missing must no not of on only or parameter parameters password permission permitted
	provided refresh request requested requests required scope scopes secret server specified status supported tenant that the
	this to token type unable unauthorised unauthorized unknown unsupported use used user using valid value was when with wrong`)

// oauthErrors are those of RFC 6749 and RFC 6750.
var oauthErrors = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"access_denied", "server_error", "temporarily_unavailable", "invalid_token", "insufficient_scope",
}
