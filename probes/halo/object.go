package halo

import "encoding/json"

// Object is the one object of an answer: bare, alone in an array, or in an envelope. Nil where there is none.
func Object(body []byte) map[string]any {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	return unwrap(value)
}

// unwrap takes an object out of an array of one or out of an envelope: an object with neither id nor name of its own, and
// with exactly one value that is such an object or an array of one. Anything else is returned as it is; an array of
// several is nil.
func unwrap(value any) map[string]any {
	if list, ok := value.([]any); ok {
		if len(list) != 1 {
			return nil
		}
		value = list[0]
	}
	fields, _ := value.(map[string]any)
	if fields["id"] != nil || fields["name"] != nil {
		return fields
	}
	var inner map[string]any
	for _, v := range fields {
		o, _ := v.(map[string]any)
		if list, ok := v.([]any); ok && len(list) == 1 {
			o, _ = list[0].(map[string]any)
		}
		if o["id"] == nil && o["name"] == nil {
			continue
		}
		if inner != nil {
			return fields
		}
		inner = o
	}
	if inner != nil {
		return inner
	}
	return fields
}
