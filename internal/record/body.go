package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
)

// bom is a byte order mark. It is kept, since not every JSON reader accepts it.
const bom = "\ufeff"

// Placeholders for bodies that were left out: HTML, malformed JSON, and other text.
const (
	placeholderPage = "<!DOCTYPE html><html><body>Left out of the recording.</body></html>"
	placeholderJSON = `{"left": "out`
	placeholderText = "Left out of the recording."
)

// schemaFor returns the function that sanitises the JSON answers of a path below the instance's base. It returns nil for
// JSON that cannot be decoded.
func schemaFor(path string) func(*sanitiser, []byte) any {
	resource, rest, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(path), "/api/"), "/")
	whole := func(rule fieldRule) func(*sanitiser, []byte) any {
		return func(c *sanitiser, body []byte) any {
			var plain any
			if json.Unmarshal(body, &plain) != nil {
				return nil // a number out of range
			}
			v, _ := decode(body) // the same, with its numbers as written
			return rule(c, v)
		}
	}
	if !strings.HasPrefix(strings.ToLower(path), "/api/") {
		return whole(tokenSchema)
	}
	switch resource {
	case "authinfo":
		return whole(authInfoSchema)
	case "instanceinfo", "control":
		return whole(versionsSchema)
	case "agent":
		return whole(agentSchema)
	case "roles":
		return whole(roleSchema)
	case "team":
		return rows("teams", eachRow(teamSchema))
	case "application":
		if rest == "" {
			return rows("applications", ownApplication)
		}
		return func(c *sanitiser, body []byte) any {
			if own := ownApplication(c, []json.RawMessage{body}); len(own) > 0 {
				return own[0]
			}
			return map[string]any{}
		}
	case "client":
		return rows("clients", emptyRow)
	case "clientcontract":
		return rows("contracts", emptyRow)
	}
	return rows(resource+map[bool]string{false: "s"}[strings.HasSuffix(resource, "s")], emptyRow)
}

// body sanitises a body.
func (c *sanitiser) body(path, kind string, raw []byte) string {
	plain := bytes.TrimSpace(raw)
	mark := ""
	if after, ok := bytes.CutPrefix(plain, []byte(bom)); ok {
		plain, mark = bytes.TrimSpace(after), bom
	}
	var kept any
	if _, err := decode(plain); err == nil {
		kept = schemaFor(path)(c, plain)
	}
	page := wire.Page{Type: kind, Body: raw}
	switch {
	case len(raw) == 0:
		return ""
	case string(plain) == "null":
		return mark + "null\n"
	case kept != nil:
		return mark + format(kept, "") + "\n"
	case page.IsHTML():
		return placeholderPage
	case page.IsJSON():
		return mark + placeholderJSON
	case accessToken(raw) != "":
		return "access_token={token}&token_type=Bearer"
	}
	return placeholderText
}

// decode reads one JSON value and nothing after it; numbers stay as they are written.
func decode(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err = d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows the value")
	}
	return v, nil
}

// lineLength is the longest value on one line, in bytes.
const lineLength = 110

// format indents JSON. A value that fits into lineLength stays on one line.
func format(v any, indent string) string {
	line := compact(v)
	if len(line)+len(indent) <= lineLength {
		return line
	}
	deeper := indent + "  "
	var parts []string
	switch v := v.(type) {
	case []any:
		for _, value := range v {
			parts = append(parts, deeper+format(value, deeper))
		}
		return "[\n" + strings.Join(parts, ",\n") + "\n" + indent + "]"
	case map[string]any:
		for _, key := range sorted(v) {
			parts = append(parts, deeper+compact(key)+": "+format(v[key], deeper))
		}
		return "{\n" + strings.Join(parts, ",\n") + "\n" + indent + "}"
	}
	return line
}

// compact returns JSON on one line, without HTML escapes.
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // maps, lists and plain values
	}
	return strings.TrimSuffix(b.String(), "\n")
}
