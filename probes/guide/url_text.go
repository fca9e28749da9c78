package guide

import (
	"net/url"
	"strings"
)

// Paste is what to type into the vendor's field for an address as HaloPSA shows it, such as https://acme.halopsa.com/auth.
// path is what a form with a path ends in where the address has none: /api or /auth. An address that is no URL stays as it is.
func (u *URL) Paste(shown, path string) string {
	parsed, err := url.Parse(strings.TrimSpace(shown))
	if u == nil || err != nil || parsed.Host == "" {
		return shown
	}
	origin := parsed.Scheme + "://" + parsed.Host
	text := strings.TrimRight(origin+parsed.EscapedPath(), "/")
	switch u.Form {
	case FormPath:
		if text == origin {
			text += path
		}
	case FormOrigin:
		text = origin
	case FormHost:
		text = parsed.Host
	case FormLabel:
		text, _, _ = strings.Cut(parsed.Hostname(), ".")
	}
	if u.TrailingSlash == SlashMust {
		text += "/"
	}
	return text
}
