package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxText bounds a piece of foreign text that is shown or kept, in bytes: a name, a header, a description.
const MaxText = 300

// Bound is foreign text that is short enough, and the length of a longer one in its place: no verdict needs that, and the
// beginning of a text may be the beginning of an encoded secret that nobody recognises any more.
func Bound(text string) string {
	if len(text) <= MaxText {
		return strings.ToValidUTF8(text, "\ufffd")
	}
	return fmt.Sprintf("(a text of %d bytes)", len(text))
}

// Cut is the beginning of a text in which a longer one is of use, too, and no secret is: secrets are taken out before.
func Cut(text string) string { return strings.ToValidUTF8(text[:min(len(text), MaxText)], "") }

// decodeText is a body in UTF-8, as other clients read it: without a byte order mark, and from UTF-16 or ISO 8859-1 where
// the mark or the label says so. A label alone changes nothing that is UTF-8 already: servers mislabel it.
func decodeText(body []byte, contentType string) []byte {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return decodeUTF16(body[2:], binary.LittleEndian)
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return decodeUTF16(body[2:], binary.BigEndian)
	}
	_, parameters, _ := mime.ParseMediaType(contentType)
	charset := strings.ToLower(parameters["charset"])
	switch {
	case strings.HasPrefix(charset, "utf-16") && bytes.HasPrefix(body, []byte{0}):
		return decodeUTF16(body, binary.BigEndian)
	case strings.HasPrefix(charset, "utf-16") && len(body) > 1 && body[1] == 0:
		return decodeUTF16(body, binary.LittleEndian)
	case utf8.Valid(body):
		return body
	}
	switch charset {
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii":
		out := make([]rune, len(body))
		for i, b := range body {
			out[i] = rune(b)
		}
		return []byte(string(out))
	}
	return body
}

func decodeUTF16(body []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
