package secret

import (
	"encoding/hex"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// anyView tells whether any view of text, in lower case and without white space, has something.
func (r Redactor) anyView(text string, has func(view string) bool) bool {
	if len(r.forms) == 0 {
		return false
	}
	seen := []string{text}
	for from, depth := 0, 0; from < len(seen) && depth <= mostEscapes; depth++ {
		layer := seen[from:]
		from = len(seen)
		for _, view := range layer {
			if has(lowerWithoutSpace(view)) {
				return true
			}
			for _, undo := range decoders {
				if plain := undo(view); plain != view && !slices.Contains(seen, plain) {
					seen = append(seen, plain)
				}
			}
		}
	}
	return false
}

// mostEscapes is how many escapes one inside the other are undone: a log holds JSON in JSON, and its HTML form holds that.
const mostEscapes = 3

// decoders undo one kind of escape each, wherever in a text it stands, and leave the rest alone.
var decoders = []func(string) string{decodeBackslash, html.UnescapeString, decodePercent, decodeForm, decodeNumbered}

// oneBytePerRune is text with every character that is not ASCII as one byte: a separator may be any character.
func oneBytePerRune(text string) string {
	if !slices.ContainsFunc([]byte(text), func(b byte) bool { return b >= utf8.RuneSelf }) {
		return text
	}
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r >= utf8.RuneSelf {
			r = 1
		}
		out = append(out, byte(r))
	}
	return string(out)
}

// withoutSpace drops white space: headers fold at it, base64 is wrapped with it, and the text report breaks lines there.
func withoutSpace(text string) string {
	if !strings.ContainsAny(text, " \t\r\n") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if !isSpace(text[i]) {
			out = append(out, text[i])
		}
	}
	return string(out)
}

func isSpace(b byte) bool { return b <= ' ' && (b == ' ' || b == '\t' || b == '\r' || b == '\n') }

// lowerWithoutSpace is text in lower case and without white space, in one go: reports are long.
func lowerWithoutSpace(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if b := text[i]; !isSpace(b) {
			out = append(out, asciiLowerByte(b))
		}
	}
	return string(out)
}

// decodePercent undoes %XX.
func decodePercent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if b, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return string(out)
}

// decodeForm undoes %XX where a blank is written as a plus sign.
func decodeForm(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return decodePercent(strings.ReplaceAll(text, "+", " "))
}

// decodeBackslash undoes the escapes of JSON and Go, and a backslash before anything else, as in Markdown.
func decodeBackslash(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		i++
		if text[i] == 'u' && i+1 < len(text) && text[i+1] == '{' { // JavaScript's \u{...}
			if end := strings.IndexByte(text[i:], '}'); end > 2 && end <= 10 {
				if code, err := strconv.ParseUint(text[i+2:i+end], 16, 31); err == nil {
					out = utf8.AppendRune(out, rune(code))
					i += end
					continue
				}
			}
		}
		if size := octalDigits(text[i:]); size > 0 {
			code, _ := strconv.ParseUint(text[i:i+size], 8, 16)
			out = utf8.AppendRune(out, rune(code))
			i += size - 1
			continue
		}
		width := 0
		switch text[i] {
		case 'u':
			width = 4
		case 'x':
			width = 2
		case 'U':
			width = 8
		}
		if width > 0 && i+width < len(text) {
			if code, err := hex.DecodeString(text[i+1 : i+1+width]); err == nil {
				i += width
				out = append(out, decodeCodePoint(code)...)
				continue
			}
		}
		if at := strings.IndexByte("ntrbf", text[i]); at >= 0 {
			out = append(out, "\n\t\r\b\f"[at])
			continue
		}
		out = append(out, text[i])
	}
	return string(out)
}

// octalDigits counts the digits of an octal escape of JavaScript, C or a shell: two or three.
func octalDigits(text string) int {
	size := 0
	for size < min(3, len(text)) && '0' <= text[size] && text[size] <= '7' {
		size++
	}
	if size < 2 {
		return 0
	}
	return size
}

// decodeCodePoint is the byte of one byte, and otherwise the character of that number.
func decodeCodePoint(code []byte) []byte {
	if len(code) == 1 {
		return code
	}
	number := rune(0)
	for _, b := range code {
		number = number<<8 | rune(b)
	}
	return utf8.AppendRune(nil, number)
}

// numbered is how a report shows a character that a terminal would obey.
var numbered = regexp.MustCompile(`(?:<|&lt;)U\+([0-9A-F]{4,6})(?:>|&gt;)`)

// decodeNumbered undoes characters that are shown by number, such as <U+202E>.
func decodeNumbered(text string) string {
	if !strings.Contains(text, "<U+") && !strings.Contains(text, "&lt;U+") {
		return text
	}
	return numbered.ReplaceAllStringFunc(text, func(match string) string {
		digits := numbered.FindStringSubmatch(match)[1]
		code, err := hex.DecodeString(strings.Repeat("0", len(digits)%2) + digits)
		if err != nil || len(code) == 1 {
			return match
		}
		return string(decodeCodePoint(code))
	})
}
