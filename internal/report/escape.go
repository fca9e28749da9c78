package report

import (
	"fmt"
	"strings"
	"unicode"
)

// Clean makes foreign text safe to print wherever the program speaks outside of a report.
func Clean(text string) string { return clean(text) }

// clean makes foreign text safe to print: control characters, escape sequences and characters that turn the direction of
// writing are shown by their number instead of being obeyed. It is the only way by which text reaches a terminal.
func clean(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !safe(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if safe(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

// safe tells characters that a terminal shows and does not obey.
func safe(r rune) bool {
	if r < unicode.MaxASCII { // nearly all text; DEL is one of the control characters
		return r >= ' '
	}
	return !unicode.IsControl(r) && !unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) && !invisible(r) && r != unicode.ReplacementChar
}

// invisible tells format characters that nobody sees, apart from the joiners that emoji and some scripts need.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' }
