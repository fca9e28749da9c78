package halo

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"unicode"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/wire"
)

// maxTitle bounds a page's title, in runes.
const maxTitle = 80

var titleElement = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)

// Title is the title of a web page on one line; empty where it has none, or one that says nothing but the status.
func Title(p wire.Page) string {
	if !p.IsHTML() {
		return ""
	}
	found := titleElement().FindSubmatch(p.Body[:min(len(p.Body), maxLooked)])
	if found == nil {
		return ""
	}
	title := oneLine(html.UnescapeString(string(found[1])))
	if runes := []rune(title); len(runes) > maxTitle {
		title = string(runes[:maxTitle]) + "…"
	}
	return title
}

// Words are what a refusal says in words of its own: a JSON string, the message of one of HaloPSA's error shapes (halo-failures
// §2.4), or a short plain text. They are empty where it says nothing beyond its status.
func Words(p wire.Page) string {
	var value any
	words := ""
	switch {
	case p.IsHTML():
	case json.Unmarshal(p.Body, &value) == nil:
		if words, _ = value.(string); words == "" {
			words = message(value)
		}
	case strings.HasPrefix(strings.ToLower(p.Type), "text/plain"):
		words = string(p.Body)
	}
	words = oneLine(words)
	if len(words) > wire.MaxText || strings.EqualFold(strings.TrimRight(words, "."), http.StatusText(p.Status)) {
		return ""
	}
	return words
}

func message(value any) string {
	fields, _ := value.(map[string]any)
	for _, key := range []string{"Message", "errorMessage", "error_description", "message", "error", "detail", "title"} {
		if words, _ := fields[key].(string); words != "" {
			return words
		}
	}
	return ""
}

// oneLine is foreign text without line breaks and control characters.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.Join(strings.Fields(text), " ")
}

// Reason is what a server's own words give as the reason of a refusal.
type Reason string

// The reasons. The zero value means that the words give none of them.
const (
	ApplicationOff Reason = "application" // the application is inactive
	AgentOff       Reason = "agent"       // the agent is disabled or locked
	Licence        Reason = "licence"     // a licence or a trial has ended, or there are too few
	OtherMethod    Reason = "method"      // the application does not log in with a secret
)

var (
	offWords     = lazyregexp.New(`(?i)\b(inactive|not active|disabled|not enabled|deactivated|suspended|switched off|turned off)\b`)
	lockedWords  = lazyregexp.New(`(?i)\block(ed|ed out|out)\b`)
	agentWords   = lazyregexp.New(`(?i)\b(agent|user|account|login)\b`)
	clientWords  = lazyregexp.New(`(?i)\b(application|client|app)\b`)
	licenceWords = lazyregexp.New(`(?i)\b(licen[cs]es?|licen[cs]ed|licen[cs]ing|trial|subscription)\b`)
	methodWords  = lazyregexp.New(`(?i)client_secret'? parameter is not valid for this client`) // halo-failures §2.2, ID2053
)

// ReasonOf reads the reason out of a server's own words. The words are nobody's protocol, so they decide who is asked to look at
// what, and not whether something holds.
func ReasonOf(words string) Reason {
	off, locked := offWords().MatchString(words), lockedWords().MatchString(words)
	switch {
	case methodWords().MatchString(words):
		return OtherMethod
	case licenceWords().MatchString(words):
		return Licence
	case (off || locked) && agentWords().MatchString(words):
		return AgentOff
	case off && clientWords().MatchString(words):
		return ApplicationOff
	}
	return ""
}
