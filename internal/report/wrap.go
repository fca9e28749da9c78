package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// colour colours a word, where that is wanted.
func (p *textWriter) colour(text string, colour ansi.BasicColor) string {
	if !p.o.Colour {
		return text
	}
	return ansi.NewStyle().Bold().ForegroundColor(colour).Styled(text)
}

// writeLine writes a line as it is.
func (p *textWriter) writeLine(text, style string) {
	if style == "bold" && p.o.Colour {
		text = ansi.NewStyle().Bold().Styled(text)
	}
	p.write(strings.TrimRight(text, " ") + "\n")
}

// writeWrapped writes text within the width: first stands before the first line, rest before the others.
func (p *textWriter) writeWrapped(first, rest, text, style string) {
	prefix := first
	room := max(20, p.o.Width-ansi.StringWidth(rest))
	for _, part := range wrapWords(text, max(20, p.o.Width-ansi.StringWidth(first)), room) {
		p.writeLine(prefix+part, style)
		prefix = rest
	}
}

// Wrap is text within the width, with first before the first line and rest before the others.
func Wrap(first, rest, text string, width int) string {
	var b strings.Builder
	p := &textWriter{w: &b, o: Options{Width: width}}
	p.writeWrapped(first, rest, text, "")
	return b.String()
}

// wrapWords breaks text at blanks by display width. A word that is wider than a line stands alone and is not cut, so that
// addresses and digests can be copied.
func wrapWords(text string, first, room int) []string {
	var lines []string
	var line strings.Builder
	width, most := 0, first
	for _, word := range strings.Fields(text) {
		w := ansi.StringWidth(word)
		if width > 0 && width+1+w > most {
			lines = append(lines, line.String())
			line.Reset()
			width, most = 0, room
		}
		if width > 0 {
			line.WriteByte(' ')
			width++
		}
		line.WriteString(word)
		width += w
	}
	return append(lines, line.String())
}

func (p *textWriter) write(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}
