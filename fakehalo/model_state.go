package fakehalo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// fieldError is a value of the wrong type.
type fieldError struct {
	field string
	kind  kind
	value any
	err   error
}

func (e *fieldError) Error() string {
	return fmt.Sprintf("The value of %s is wrong: %v.", e.field, e.err)
}
func (e *fieldError) Unwrap() error { return e.err }

// refusal is the same in the words of HaloPSA's reader of JSON. Those for a string instead of an integer are recorded
// (halo-live §5); the others are that library's (Json.NET).
func (e *fieldError) refusal() string {
	name := map[kind]string{floating: "double", boolean: "boolean", date: "DateTime", integer: "integer"}[e.kind]
	switch value := e.value.(type) {
	case string:
		if name == "" {
			return fmt.Sprintf("Error converting value %q", value)
		}
		return "Could not convert string to " + name + ": " + value
	case json.Number:
		return fmt.Sprintf("Input string '%s' is not a valid %s", value, name)
	case map[string]any:
		return "Unexpected character encountered while parsing value: {"
	case []any:
		return "Unexpected character encountered while parsing value: ["
	}
	return "Unexpected character encountered while parsing value: " + strings.ToLower(fmt.Sprint(e.value))[:1]
}

// notAnArray is what that library says of an object where a list is read: halo-live §5.
const notAnArray = "Cannot deserialize the current JSON object (e.g. {\"name\":\"value\"}) into type 'System.Collections.Generic.List`1' " +
	"because the type requires a JSON array (e.g. [1,2,3]) to deserialize correctly."

// positionOf is where the value of a field ends in a body, as that library counts: lines from 1, characters from 0. where
// is "[2]." in an array and empty elsewhere.
func positionOf(raw []byte, where, field string) (line, position int) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var skipped json.RawMessage
	if n := 0; where != "" {
		_, _ = fmt.Sscanf(where, "[%d].", &n)
		_, _ = d.Token()
		for range n {
			_ = d.Decode(&skipped)
		}
	}
	_, _ = d.Token()
	for d.More() {
		name, err := d.Token()
		if err != nil || d.Decode(&skipped) != nil || name == field {
			break // the body was read as JSON before
		}
	}
	before := raw[:d.InputOffset()]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - 1 - bytes.LastIndexByte(before, '\n')
}

// read keeps what is known of a record that somebody sent; unknown properties are ignored (halo-api §10). The error is a
// *fieldError.
func (r *resource) read(given record) (record, error) {
	out := record{}
	for _, f := range r.fields {
		value, ok := given[f.name]
		if !ok {
			continue
		}
		if f.name == "id" && value == nil {
			continue
		}
		kept, err := f.kind.read(value)
		if err != nil {
			return nil, &fieldError{f.name, f.kind, value, err}
		}
		out[f.name] = kept
	}
	return out, nil
}

// modelState is ASP.NET's answer to a body that does not fit: wire-contract §2.9.
func modelState(where, what string) *reply {
	return jsonReply(http.StatusBadRequest, map[string][]string{where: {what}})
}
