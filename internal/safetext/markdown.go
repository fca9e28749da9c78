package safetext

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown is text within a paragraph, a heading, a list item or a table's cell: no mark-up, no HTML, no entity, no mention.
// What would become a link stands as code.
func Markdown(text string) string {
	var b strings.Builder
	text = Line(text)
	for text != "" {
		at := linkPattern.FindStringIndex(text)
		if at == nil {
			b.WriteString(escapeMarkdown(text))
			break
		}
		link := strings.TrimRight(text[at[0]:at[1]], `.,;:!?'")`)
		b.WriteString(escapeMarkdown(text[:at[0]]))
		if strings.ContainsAny(link, "`|\\<>@") {
			b.WriteString(escapeMarkdown(breakLink(link)))
		} else {
			b.WriteString("`" + link + "`")
		}
		text = text[at[0]+len(link):]
	}
	return b.String()
}

// Code is text in a code span, to be copied as it is; where it cannot stand in one, it is escaped.
func Code(text string) string {
	if line := Line(text); line != "" && line == strings.TrimSpace(line) && !strings.ContainsAny(line, "`|\\") {
		return "`" + line + "`"
	}
	return Markdown(text)
}

// linkPattern finds what GitHub's Markdown and others make a link of. A character of the scheme may stand in any case.
var linkPattern = regexp.MustCompile(`(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|xmpp:|\b(?:tel|javascript|vbscript|data):)[^\s"]+`)

// breakLink takes from a link what makes it one.
func breakLink(link string) string {
	return strings.ReplaceAll(wwwPattern.ReplaceAllString(link, "$1<U+002E>"), ":", "<U+003A>")
}

var wwwPattern = regexp.MustCompile(`(?i)(www)\.`)

// escapeMarkdown escapes what Markdown, HTML, and the filters of GitHub, GitLab and Azure DevOps take for more than text.
// These filters look at the text after its escapes were undone, so a mention is broken by the number of its sign.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for i, r := range text {
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case r == '@' && next != ' ', r == '#' && unicode.IsDigit(next):
			fmt.Fprintf(&b, "&lt;U+%04X&gt;", r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&' && (next == '#' || unicode.IsLetter(next) || unicode.IsDigit(next)):
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|#~$", r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
