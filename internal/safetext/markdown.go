package safetext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// Markdown is text within a paragraph, a heading or a list item: no mark-up, no HTML, no entity, no mention. Nothing is escaped,
// so that it reads right where it is pasted as it is: a word that Markdown or a filter of GitHub, GitLab or Azure DevOps would
// take for more than text stands as code.
func Markdown(text string) string {
	words := strings.Fields(Line(text))
	for i, word := range words {
		if !isSpecial(word) {
			if i == 0 && blockMarker().MatchString(word) {
				words[0] = span(word)
			}
			continue
		}
		core := strings.TrimLeft(word, `"'(`)
		before := word[:len(word)-len(core)]
		core = strings.TrimRight(core, `"'.,;:!?)`)
		after := word[len(before)+len(core):]
		if core == "" || isSpecial(before) || isSpecial(after) {
			before, core, after = "", word, ""
		}
		words[i] = before + span(core) + after
	}
	return strings.Join(words, " ")
}

// span is text without blanks around it as code. No HTML stands in it either, for whoever pastes it where code is not known.
func span(text string) string {
	text = numbered().ReplaceAllStringFunc(text, func(found string) string {
		if found == "<" {
			return "<U+003C>"
		}
		return found
	})
	return "`" + strings.ReplaceAll(text, "`", "<U+0060>") + "`"
}

// numbered finds the number of a character, as [Line] writes it, and every other sign that could start a tag.
var numbered = lazyregexp.New(`<U\+[0-9A-F]{4,6}>|<`)

// Code is text in a code span, to be copied as it is; what cannot stand in one is a word of its own.
func Code(text string) string {
	if line := Line(text); line != "" && line == strings.TrimSpace(line) && !strings.Contains(line, "`") {
		return "`" + line + "`"
	}
	return Markdown(text)
}

// CodeBlock is a command as a block of its own, to be copied as it is.
func CodeBlock(language, command string) string {
	line := Line(command)
	if strings.Contains(line, "```") {
		return Markdown(line) + "\n"
	}
	return "```" + language + "\n" + line + "\n```\n"
}

// linkPattern finds what GitHub's Markdown and others make a link of. A character of the scheme may stand in any case.
var linkPattern = lazyregexp.New(`(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|xmpp:|\b(?:tel|javascript|vbscript|data):)`)

// blockMarker finds a first word that makes a paragraph a list, a quotation, a heading or a rule.
var blockMarker = lazyregexp.New(`^(?:[-+=]+|>|[0-9]+[.)])$`)

// isSpecial tells a word that may be more than text: mark-up, HTML, an entity, a link, a mention or a reference.
func isSpecial(word string) bool {
	if strings.ContainsAny(word, "\\`*_[]|~$<") || linkPattern().MatchString(word) || word != ">" && strings.HasPrefix(word, ">") {
		return true
	}
	for i, r := range word {
		next, _ := utf8.DecodeRuneInString(word[i+utf8.RuneLen(r):])
		switch r {
		case '@':
			return true
		case '#':
			if i == 0 || unicode.IsDigit(next) {
				return true
			}
		case '&':
			if next == '#' || unicode.IsLetter(next) || unicode.IsDigit(next) {
				return true
			}
		}
	}
	return false
}
