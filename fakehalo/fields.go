package fakehalo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// kind is the JSON type of a field.
type kind string

// The kinds. Halo's dates have no zone, and unset ones hold a sentinel (halo-api §11).
const (
	integer  kind = "int"
	floating kind = "float" // written with a fraction even where it is whole: a user's site_id is 12.0 (wire-contract §2.10)
	boolean  kind = "bool"
	text     kind = "string"
	date     kind = "date"
	object   kind = "object"
	array    kind = "array"
)

// noDate is how an unset date is written.
const noDate = "1900-01-01T00:00:00"

// field is one property of a resource's records.
type field struct {
	name string
	kind kind
}

// fieldsOf reads "name:string inactive:bool"; a name without a kind has that of the name before it.
func fieldsOf(list string) []field {
	var out []field
	last := text
	for _, word := range strings.Fields(list) {
		name, k, ok := strings.Cut(word, ":")
		if ok {
			last = kind(k)
		}
		out = append(out, field{name, last})
	}
	return out
}

// zero is the value of an unset field.
func (k kind) zero() any {
	switch k {
	case integer:
		return 0
	case floating:
		return json.Number("0.0")
	case boolean:
		return false
	case date:
		return noDate
	case object:
		return nil
	case array:
		return []any{}
	}
	return ""
}

// dateForms are the ways to write a date that are understood; all are kept without a zone.
var dateForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02"}

// read turns a JSON value (numbers as [json.Number]) into the one that is kept. Null means unset; numbers may come as
// strings, as n8n sends its ids (wire-contract §2.7). The error names the kind that was expected.
func (k kind) read(value any) (any, error) {
	if value == nil {
		return k.zero(), nil
	}
	written := strings.TrimSpace(fmt.Sprint(value))
	switch value.(type) {
	case map[string]any:
		if k == object {
			return value, nil
		}
		return nil, fmt.Errorf("an object is no %s", k)
	case []any:
		if k == array {
			return value, nil
		}
		return nil, fmt.Errorf("an array is no %s", k)
	}
	switch k {
	case integer:
		if n, err := strconv.ParseInt(written, 10, 32); err == nil {
			return int(n), nil // ids are int32 (halo-api §11), and 95.0 is none (halo-live §5)
		}
	case floating:
		if n, err := strconv.ParseFloat(written, 64); err == nil && n-n == 0 { // neither infinite nor NaN
			return fraction(n), nil
		}
	case boolean:
		if on, err := strconv.ParseBool(strings.ToLower(written)); err == nil {
			return on, nil
		}
	case date:
		for _, form := range dateForms {
			if at, err := time.Parse(form, written); err == nil {
				return at.UTC().Format("2006-01-02T15:04:05.999"), nil
			}
		}
	case text:
		return written, nil
	}
	return nil, fmt.Errorf("%.40q is no %s", written, k)
}

// fraction writes a number with a fraction, even a whole one.
func fraction(n float64) json.Number {
	written := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(written, ".") {
		written += ".0"
	}
	return json.Number(written)
}

// decode reads one JSON value of at most maxBody bytes and nothing after it; numbers stay as they were written.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more follows the value")
	}
	return nil
}
