package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/halocheck/halocheck/internal/document"
)

// SchemaFile is the JSON Schema of the document.
//
//go:embed schema/report.schema.json
var SchemaFile []byte

// JSON writes the report as one document. Characters that a terminal would obey are written as \u escapes, which changes
// nothing for whoever parses it.
func JSON(w io.Writer, r *Report) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return err
	}
	_, err := io.WriteString(w, EscapeJSON(b.String()))
	return err
}

// EscapeJSON writes the unsafe characters of a JSON text, all of them inside strings, as escapes.
func EscapeJSON(text string) string {
	unsafe := func(r rune) bool { return r != '\n' && !safe(r) }
	if strings.IndexFunc(text, unsafe) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !unsafe(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Read decodes a saved report of this version of the document.
func Read(data []byte) (*Report, error) {
	if err := document.CheckJSON(data, document.Report); err != nil {
		return nil, err
	}
	var out Report
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &out); err != nil { // some shells write a mark first
		return nil, fmt.Errorf("it is not a report in JSON: %w", err)
	}
	if out.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, not %q", out.Schema, Schema)
	}
	if len(out.Findings) == 0 {
		return nil, fmt.Errorf("it holds no findings")
	}
	out.Sum()
	return &out, nil
}
