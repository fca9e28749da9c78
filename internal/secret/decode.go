package secret

import (
	"encoding/hex"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// anyView tells whether any view of text, in lower case and without white space, has something.
func (r Redactor) anyView(text string, has func(view string) bool) bool {
	if len(r.forms) == 0 {
		return false
	}
	var seen, scanned []string
	add := func(view string) {
		if !slices.Contains(seen, view) {
			seen = append(seen, view)
		}
	}
	add(text)
	add(unwrap(text))
	from := 0
	for range mostEscapes + 1 {
		layer := seen[from:]
		from = len(seen)
		for _, view := range layer {
			if folded := lowerWithoutSpace(view); !slices.Contains(scanned, folded) {
				if has(folded) {
					return true
				}
				scanned = append(scanned, folded)
			}
			for _, undo := range decoders {
				if plain := undo(view); plain != view {
					add(plain)
					add(unwrap(plain))
				}
			}
		}
	}
	return false
}

// unwrap drops white space and invisible characters where they may break an escape, or are no ASCII; [lowerWithoutSpace] drops
// the rest.
func unwrap(text string) string {
	for tries := 0; tries < 2 && mayBeWrapped(text); tries++ { // what is dropped may stand between the bytes of another one
		text = dropWrapping(text)
	}
	return text
}

func dropWrapping(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			if b > ' ' || b < '\t' || b > '\r' && b < ' ' {
				out = append(out, b)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			out = append(out, text[i:i+size]...)
		}
		i += size
	}
	return string(out)
}

// mayBeWrapped tells of most texts at once that no escape of theirs is broken and that their white space is ASCII.
func mayBeWrapped(text string) bool {
	for i := range len(text) {
		b := text[i]
		if b > '\\' && b < utf8.RuneSelf || b > '&' && b < '\\' {
			continue // nearly always
		}
		r := rune(b)
		if b >= utf8.RuneSelf {
			r, _ = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case r == '\\' || r == '%' || r == '&':
			rest := strings.TrimLeftFunc(text[i+1:min(i+longestEscape, len(text))], isEscapeRune)
			if rest != "" && (rest[0] == '\r' || rest[0] == '\n') {
				return true
			}
		case r == '\v', r == '\f', r >= utf8.RuneSelf && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)):
			return true
		}
	}
	return false
}

// longestEscape is \UXXXXXXXX, in bytes.
const longestEscape = 10

// isEscapeRune tells what an escape may hold behind its sign.
func isEscapeRune(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '#' || r == '{'
}

// hexDigits are the hexadecimal digits of a text in lower case, however they are separated, and without the 0x before them.
func hexDigits(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if !isHexDigit[text[i]] {
			if text[i] == 'x' && i > 0 && text[i-1] == '0' {
				out = out[:len(out)-1]
			}
			continue
		}
		out = append(out, text[i])
	}
	return string(out)
}

// isHexDigit tells the digits in lower case.
var isHexDigit = func() (table [256]bool) {
	for _, digit := range "0123456789abcdef" {
		table[digit] = true
	}
	return table
}()

// mostEscapes is how many escapes one inside the other are undone: a log holds JSON in JSON, and its HTML form holds that.
const mostEscapes = 3

// decoders undo one kind of escape each, wherever in a text it stands, and leave the rest alone.
var decoders = []func(string) string{decodeBackslash, html.UnescapeString, decodePercent, decodeForm, decodeNumbered}

// oneBytePerRune is text with every character that is not ASCII as one byte: a separator may be any character.
func oneBytePerRune(text string) string {
	return strings.Map(func(r rune) rune { return min(r, utf8.RuneSelf-1) }, text)
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

// decodePercent undoes %XX, and %uXXXX, which older JavaScript and IIS write.
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
		if text[i] == '%' && i+5 < len(text) && asciiLowerByte(text[i+1]) == 'u' {
			if code, err := hex.DecodeString(text[i+2 : i+6]); err == nil {
				out = append(out, decodeCodePoint(code)...)
				i += 5
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
		if found := codePoint().FindStringSubmatch(text[i:]); found != nil {
			code, _ := strconv.ParseUint(found[1], 16, 31)
			out = utf8.AppendRune(out, rune(code))
			i += len(found[0]) - 1
			continue
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

// codePoint is JavaScript's \u{...} behind the backslash: any number of zeros, and at most six digits.
var codePoint = lazyregexp.New(`^u\{0*([1-9A-Fa-f][0-9A-Fa-f]{0,5})\}`)

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
var numbered = lazyregexp.New(`(?:<|&lt;)U\+([0-9A-F]{4,6})(?:>|&gt;)`)

// decodeNumbered undoes characters that are shown by number, such as <U+202E>.
func decodeNumbered(text string) string {
	if !strings.Contains(text, "U+") {
		return text
	}
	return numbered().ReplaceAllStringFunc(text, func(match string) string {
		code, _ := strconv.ParseUint(numbered().FindStringSubmatch(match)[1], 16, 31)
		return string(rune(code))
	})
}
