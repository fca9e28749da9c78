package halo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Rows are the rows of a list answer: a bare array, an object with the rows under key, or one with them under another name
// (halo-api §9). Nil for anything else, such as an error with a list of messages in it; an empty list is not nil.
func Rows(body []byte, key string) []json.RawMessage {
	if rows := records(body); rows != nil {
		return rows
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	if rows := records(fields[key]); rows != nil {
		return rows
	}
	if rows := otherArray(body, fields); rows != nil {
		return rows
	}
	total, counted := recordCount(fields)
	if value, named := fields[key]; total == 0 && (counted || named && string(value) == "null") {
		return []json.RawMessage{} // an empty list whose rows are written as null or left out
	}
	return nil
}

// records are the rows of an array that holds records, or nothing; nil for any other value, such as a list of messages.
func records(value json.RawMessage) (rows []json.RawMessage) {
	isRecord := func(row json.RawMessage) bool { return bytes.HasPrefix(row, []byte("{")) || string(row) == "null" }
	if json.Unmarshal(value, &rows) != nil || len(rows) > 0 && !slices.ContainsFunc(rows, isRecord) {
		return nil
	}
	return rows
}

// otherArray are the rows under a name that is not the list's own: the first array, in the order of the text, whose rows have
// an id. An empty one shows a list only where the rest of the answer is one, or its name is that of any list.
func otherArray(body []byte, fields map[string]json.RawMessage) (empty []json.RawMessage) {
	_, counted := recordCount(fields)
	for name, value := range inOrder(body) {
		rows := records(value)
		switch {
		case len(rows) > 0 && hasID(rows[0]):
			return rows
		case rows != nil && len(rows) == 0 && (counted || slices.Contains([]string{"results", "data", "items", "rows", "records", "value"}, strings.ToLower(name))):
			empty = rows
		}
	}
	return empty
}

// hasID tells whether a row is a record of its own rather than a column or a message.
func hasID(row json.RawMessage) bool {
	var fields map[string]any
	return json.Unmarshal(row, &fields) == nil && text(fields["id"]) != ""
}

// inOrder are the fields of an object in the order of the text, which a map does not keep.
func inOrder(body []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		if _, err := decoder.Token(); err != nil {
			return
		}
		for decoder.More() {
			name, err := decoder.Token()
			var value json.RawMessage
			if err != nil || decoder.Decode(&value) != nil || !yield(fmt.Sprint(name), value) {
				return
			}
		}
	}
}

// Count is how many rows came and how many the list says that it has: record_count of an envelope (halo-api §9), which
// may be written as text, else the rows that came. ok is false where the answer is no list.
func Count(body []byte, key string) (came, total int, ok bool) {
	rows := Rows(body, key)
	if rows == nil {
		return 0, 0, false
	}
	total, _ = RecordCount(body)
	return len(rows), max(len(rows), total), true
}

// RecordCount is how many rows a list says that it has; ok is false where it does not say.
func RecordCount(body []byte) (n int, ok bool) {
	var envelope map[string]json.RawMessage
	if json.Unmarshal(body, &envelope) != nil {
		return 0, false
	}
	return recordCount(envelope)
}

// recordCount is an envelope's record_count, a number or one written as text.
func recordCount(envelope map[string]json.RawMessage) (n int, ok bool) {
	f, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(string(envelope["record_count"])), `"`), 64)
	return int(f), err == nil && f >= 0 && f < 1<<31
}
