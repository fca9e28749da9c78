// Package safetext makes foreign text harmless: what a server, a certificate or a file says is shown as text and is nothing
// else to a terminal, to Markdown, HTML, XML or JSON, and to the runners of GitHub, Azure Pipelines, GitLab, TeamCity,
// Buildkite and Travis.
//
// [Line], [Markdown], [JSON] and [EscapePage] prepare a value for its format. A [Writer] stands around every stream and file
// and replaces what nevertheless reached it, so that a value that was not prepared does no harm either.
package safetext

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is text as one line of plain text. A character that a terminal obeys or does not show is written as its number, such
// as <U+001B>, and so is the one that makes a text a command of a CI runner.
func Line(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	var c commandScanner
	for i, r := range text {
		if c.next(r, text[i:]) || !isVisible(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isPlain tells of nearly all texts at once that they need no escape: printable ASCII without any sign of a runner's.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return !slices.ContainsFunc(runnerSigns, func(sign string) bool { return strings.Contains(text, sign) })
}

// runnerSigns are in every command of a CI runner.
var runnerSigns = []string{"##", "::", "---", "+++", "~~~", "^^^", "travis_"}

// startsGroup tells a text that Buildkite or Travis would take for the head of a part of the log where it starts a line.
func startsGroup(text string) bool {
	for _, sign := range []string{"---", "+++", "~~~", "^^^"} {
		if rest, found := strings.CutPrefix(text, sign); found && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return true
		}
	}
	return strings.HasPrefix(text, "travis_fold:") || strings.HasPrefix(text, "travis_time:")
}

// isVisible tells characters that a terminal shows and does not obey: no control characters, none that are invisible or turn
// the direction of writing, no line or paragraph separators, no private or unassigned ones of these kinds.
func isVisible(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	return r > 0x9f && r != utf8.RuneError && r&0xfffe != 0xfffe && !unicode.In(r, invisible...)
}

var invisible = []*unicode.RangeTable{
	unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Bidi_Control, unicode.Variation_Selector,
	unicode.Other_Default_Ignorable_Code_Point,
	{R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}}}, // the braille pattern without a dot
}

// commandScanner finds the character that makes a text a command of a CI runner. GitHub and Azure look for ##[ and ##vso[
// anywhere in a line and TeamCity for ##teamcity[; GitHub takes a line that starts with :: after blanks for a command,
// Buildkite and Travis have signs of their own: see [startsGroup]. A text may be wrapped at any blank, so every word counts as the
// start of a line. The zero value is ready.
type commandScanner struct {
	hashes int  // number signs in a row, at most two; three: a name after two of them
	inWord bool // a blank is not the character before
}

// next tells whether the character r, with which rest starts, has to be replaced.
func (c *commandScanner) next(r rune, rest string) bool {
	startsWord := !c.inWord
	c.inWord = !unicode.IsSpace(r)
	switch {
	case r == '#' && c.hashes != 3:
		c.hashes = min(c.hashes+1, 2)
	case r == '#':
		c.hashes = 1
	case r == '[' && c.hashes >= 2:
		c.hashes = 0
		return true
	case c.hashes >= 2 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.'):
		c.hashes = 3
	default:
		c.hashes = 0
	}
	return startsWord && (strings.HasPrefix(rest, "::") && !startsWithIPv6(rest) || startsGroup(rest))
}

// startsWithIPv6 tells an address such as ::1, which no runner takes for a command: that has a second :: behind it.
func startsWithIPv6(text string) bool {
	end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;)]"'`, r) })
	if end < 0 {
		end = len(text)
	}
	addr, err := netip.ParseAddr(strings.TrimRight(text[:end], ":."))
	return err == nil && addr.Is6() && !strings.Contains(text[2:], "::")
}

// EscapePage writes what is unsafe in a whole page of HTML as the number of the character. Mark-up in foreign text is the
// template's matter.
func EscapePage(page string) string {
	return escapeRunes(page, func(r rune) string { return fmt.Sprintf("&lt;U+%04X&gt;", r) })
}

// escapeRunes replaces what is unsafe in a document of several lines. Words that start with :: are left to [Line]: no line of
// a document starts with foreign text.
func escapeRunes(text string, escape func(rune) string) string {
	var b strings.Builder
	var c commandScanner
	last := 0
	for i, r := range text {
		if c.next(r, "") || r != '\n' && r != '\t' && !isVisible(r) {
			b.WriteString(text[last:i] + escape(r))
			_, size := utf8.DecodeRuneInString(text[i:])
			last = i + size
		}
	}
	if last == 0 {
		return text
	}
	return b.String() + text[last:]
}
