package hostile

import (
	"bytes"
	"fmt"
	"net"
	"strings"
)

// Bodies are the ways in which the JSON of an honest answer can be spoiled; own is that JSON.
var Bodies = map[string]func(own []byte) []byte{
	"empty":     func([]byte) []byte { return nil },
	"null":      func([]byte) []byte { return []byte("null") },
	"bom":       func(own []byte) []byte { return append([]byte("\xef\xbb\xbf"), own...) },
	"truncated": func(own []byte) []byte { return own[:len(own)/2] },
	"trailing":  func(own []byte) []byte { return append(bytes.Clone(own), `{"more":1}`...) },
	"duplicate-keys": func(own []byte) []byte {
		return first(own, `"id":1,"id":2,"access_token":"a","auth_url":"b","id":`, `3,`)
	},
	"deep-nesting": func(own []byte) []byte { return first(own, `"deep":`, strings.Repeat("[", 1<<20)) },
	"nested-whole": func([]byte) []byte { return bytes.Repeat([]byte(`{"a":`), 1<<19) },
	"huge-number":  func(own []byte) []byte { return first(own, `"huge":`, "1e999999999,") },
	"huge-expiry": func(own []byte) []byte {
		return bytes.ReplaceAll(own, []byte(`"expires_in":3600`), []byte(`"expires_in":1e300`))
	},
	"long-number":  func(own []byte) []byte { return first(own, `"long":`, strings.Repeat("9", 1<<20)+",") },
	"huge-string":  func(own []byte) []byte { return first(own, `"huge":"`, strings.Repeat("a", 7<<20)+`",`) },
	"many-keys":    func(own []byte) []byte { return first(own, manyKeys(200_000), "") },
	"invalid-utf8": func(own []byte) []byte { return everyString(own, "\xff\xfe\xc0") },
	"escapes":      func(own []byte) []byte { return everyString(own, `\u001b]0;owned\u0007\u001b[2J\r`) },
	"bidi":         func(own []byte) []byte { return everyString(own, "\u202e\u2066\u200b") },
	"script":       func(own []byte) []byte { return everyString(own, `</td><script>alert(1)</script>`) },
	"wrong-types":  func(own []byte) []byte { return bytes.ReplaceAll(own, []byte(`":"`), []byte(`":[7],"x":"`)) },
}

// WithBody is the answer with such a body, under an honest head.
func WithBody(spoil func([]byte) []byte) Answer {
	return func(c net.Conn, own []byte, _ string) {
		body := spoil(own)
		say(c, fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, len(body)))
		_, _ = c.Write(body)
	}
}

// first puts a field in front of the others of an object; of anything else it makes an object.
func first(own []byte, name, value string) []byte {
	rest, ok := bytes.CutPrefix(own, []byte("{"))
	if !ok {
		rest = []byte(`"rows":` + string(own) + "}")
	}
	return append([]byte("{"+name+value), rest...)
}

// everyString puts text in front of every value that is a string.
func everyString(own []byte, text string) []byte {
	return bytes.ReplaceAll(own, []byte(`":"`), []byte(`":"`+text))
}

// manyKeys are fields that nobody asked for, each ending in a comma.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	return b.String()
}
