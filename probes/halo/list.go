package halo

import (
	"bytes"
	"encoding/json"
)

// Rows are the rows of a list answer: a bare array, an object with the rows under key, or one with them under its first
// array (halo-api §9). Nil for anything else; an empty list is not nil.
func Rows(body []byte, key string) []json.RawMessage {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))
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
	// The first array in the order of the text, which a map does not keep.
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

// Count is how many rows a list has in all: record_count of an envelope (halo-api §9), else the rows there are. Nil
// where the answer is no list.
func Count(body []byte, key string) *int {
	rows := Rows(body, key)
	if rows == nil {
		return nil
	}
	n := len(rows)
	var envelope struct {
		RecordCount *int `json:"record_count"`
	}
	if json.Unmarshal(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff")), &envelope) == nil && envelope.RecordCount != nil {
		n = max(n, *envelope.RecordCount)
	}
	return &n
}
