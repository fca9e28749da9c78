package halo

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Rows are the rows of a list answer: a bare array, an object with the rows under key, or one with them under its first
// array (halo-api §9). Nil for anything else; an empty list is not nil.
func Rows(body []byte, key string) []json.RawMessage {
	var rows []json.RawMessage
	if json.Unmarshal(body, &rows) == nil && rows != nil {
		return rows
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	if json.Unmarshal(fields[key], &rows) == nil && rows != nil {
		return rows
	}
	if rows = firstArray(body); rows == nil {
		if total, ok := recordCount(fields); ok && total == 0 {
			rows = []json.RawMessage{} // an empty list whose rows are written as null or left out
		}
	}
	return rows
}

// firstArray is the first array of an object in the order of the text, which a map does not keep.
func firstArray(body []byte) (rows []json.RawMessage) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	for decoder.More() {
		if _, err := decoder.Token(); err != nil {
			return nil
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil
		}
		if json.Unmarshal(value, &rows) == nil && rows != nil {
			return rows
		}
	}
	return nil
}

// Count is how many rows came and how many the list says that it has: record_count of an envelope (halo-api §9), which
// may be written as text, else the rows that came. ok is false where the answer is no list.
func Count(body []byte, key string) (came, total int, ok bool) {
	rows := Rows(body, key)
	if rows == nil {
		return 0, 0, false
	}
	var envelope map[string]json.RawMessage
	if json.Unmarshal(body, &envelope) != nil {
		return len(rows), len(rows), true
	}
	total, _ = recordCount(envelope)
	return len(rows), max(len(rows), total), true
}

// recordCount is an envelope's record_count, a number or one written as text.
func recordCount(envelope map[string]json.RawMessage) (n int, ok bool) {
	f, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(string(envelope["record_count"])), `"`), 64)
	return int(f), err == nil && f >= 0 && f < 1<<31
}
