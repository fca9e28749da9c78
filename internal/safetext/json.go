package safetext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is a document of v that ends in a line feed, indented where indent is not empty. What is unsafe is written as a \u
// escape, which changes nothing for a program that parses it.
func JSON(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if !hasUnsafe(b.Bytes()) {
		return b.Bytes(), nil
	}
	return []byte(EscapeJSON(b.String())), nil
}

// hasUnsafe tells whether there is anything to escape in a document, without a copy of it.
func hasUnsafe(text []byte) bool {
	var c commandScanner
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if c.next(r, "") || r != '\n' && r != '\t' && !isVisible(r) {
			return true
		}
		text = text[size:]
	}
	return false
}

// EscapeJSON writes what is unsafe in a JSON text, all of it inside strings, as escapes.
func EscapeJSON(text string) string {
	return escapeRunes(text, func(r rune) string {
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			return fmt.Sprintf(`\u%04x\u%04x`, high, low)
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
}
