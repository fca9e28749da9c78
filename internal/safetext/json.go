package safetext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
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
	return []byte(EscapeJSON(b.String())), nil
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
