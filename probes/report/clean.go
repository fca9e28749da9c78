package report

import (
	"fmt"
	"strings"
	"unicode"
)

// clean makes foreign text safe to print: control characters, escape sequences and characters that turn the direction of
// writing are shown by their number instead of being obeyed. It is the only way by which text reaches a terminal.
func clean(text string) string {
	safe := func(r rune) bool {
		return !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != unicode.ReplacementChar
	}
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
