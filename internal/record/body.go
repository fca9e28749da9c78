package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
)

// bom is a byte order mark, which some readers take and some do not.
const bom = "\ufeff"

// Bodies that stand for what was left out: a page, something that begins like JSON and is none, and anything else.
const (
	somePage   = "<!DOCTYPE html><html><body>Left out of the recording.</body></html>"
	brokenJSON = `{"left": "out`
	someText   = "Left out of the recording."
)

// shapeOf is what is kept of the JSON that a path answers with; path is below the instance's own. Nil is kept of JSON that
// cannot be read after all.
func shapeOf(path string) func(*cleaner, []byte) any {
	resource, rest, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(path), "/api/"), "/")
	whole := func(shape rule) func(*cleaner, []byte) any {
		return func(c *cleaner, body []byte) any {
			var plain any
			if json.Unmarshal(body, &plain) != nil {
				return nil // a number that nobody can hold
			}
			v, _ := decode(body) // which is the same with its numbers as written
			return shape(c, v)
		}
	}
	if !strings.HasPrefix(strings.ToLower(path), "/api/") {
		return func(c *cleaner, body []byte) any {
			if len(body) > maxToken {
				return whole(refusalShape)(c, body)
			}
			return whole(tokenShape)(c, body)
		}
	}
	switch resource {
	case "authinfo":
		return whole(authInfoShape)
	case "instanceinfo", "control":
		return whole(versionsShape)
	case "agent":
		return whole(agentShape)
	case "roles":
		return whole(roleShape)
	case "team":
		return rows("teams", each(teamShape))
	case "application":
		if rest == "" {
			return rows("applications", ownApplication)
		}
		return func(c *cleaner, body []byte) any {
			if own := ownApplication(c, []json.RawMessage{body}); len(own) > 0 {
				return own[0]
			}
			return map[string]any{}
		}
	case "client":
		return rows("clients", whether)
	case "clientcontract":
		return rows("contracts", whether)
	}
	return rows(resource+map[bool]string{false: "s"}[strings.HasSuffix(resource, "s")], whether)
}

// body is what is kept of a body.
func (c *cleaner) body(path, kind string, raw []byte) string {
	plain := bytes.TrimSpace(raw)
	mark := ""
	if after, ok := bytes.CutPrefix(plain, []byte(bom)); ok {
		plain, mark = bytes.TrimSpace(after), bom
	}
	var kept any
	if _, err := decode(plain); err == nil {
		kept = shapeOf(path)(c, plain)
	}
	page := wire.Page{Type: kind, Body: raw}
	switch {
	case len(raw) == 0:
		return ""
	case string(plain) == "null":
		return mark + "null\n"
	case kept != nil:
		return mark + layout(kept, "") + "\n"
	case page.IsHTML():
		return somePage
	case page.IsJSON():
		return mark + brokenJSON
	case accessToken(raw) != "":
		return "access_token={token}&token_type=Bearer"
	}
	return someText
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

// lineLength is how long a value may be that stands on one line, in bytes.
const lineLength = 110

// layout writes JSON for people: what is short on one line, the rest indented.
func layout(v any, indent string) string {
	line := compact(v)
	if len(line)+len(indent) <= lineLength {
		return line
	}
	deeper := indent + "  "
	var parts []string
	switch v := v.(type) {
	case []any:
		for _, value := range v {
			parts = append(parts, deeper+layout(value, deeper))
		}
		return "[\n" + strings.Join(parts, ",\n") + "\n" + indent + "]"
	case map[string]any:
		for _, key := range sorted(v) {
			parts = append(parts, deeper+compact(key)+": "+layout(v[key], deeper))
		}
		return "{\n" + strings.Join(parts, ",\n") + "\n" + indent + "}"
	}
	return line
}

// compact is JSON on one line, with < and > as they are: no browser reads it.
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // maps, lists and plain values
	}
	return strings.TrimSuffix(b.String(), "\n")
}
