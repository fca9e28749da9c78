package fakehalo

import (
	"fmt"
	"strconv"
	"strings"
)

// Ids are int32; those of roles, applications, webhooks and priorities are GUIDs (halo-api §11, halo-live
// §5). Every kept record has a number of its own as well, which its GUID is made of.

// guidStart and the number in twelve hexadecimal digits make a GUID.
const guidStart = "5eed0000-0000-4000-8000-"

// guid is made of a number.
func guid(n int) string { return fmt.Sprintf("%s%012x", guidStart, n) }

// numberOf is the number that a record's id stands for; 0 where the record names none, or one that was never given.
func (r *resource) numberOf(of record) int {
	switch id := of["id"].(type) {
	case int:
		return id
	case string:
		n, _ := r.parseID(id)
		return n
	}
	return 0
}

// parseID reads an id as it stands in a path or a body; false where it is none of this resource's form.
func (r *resource) parseID(id string) (int, bool) {
	if r.guids {
		digits, ok := strings.CutPrefix(strings.ToLower(id), guidStart)
		n, err := strconv.ParseInt(digits, 16, 32)
		return int(n), ok && err == nil && len(digits) == 12 && n > 0
	}
	n, err := strconv.ParseInt(id, 10, 32)
	return int(n), err == nil
}

// setID gives a record the id that a number stands for.
func (r *resource) setID(of record, n int) {
	switch {
	case r.guids:
		of["id"] = guid(n)
	default:
		of["id"] = n
	}
}

// badID is ASP.NET's answer to an id in the path that is no number where the operation takes one; nil elsewhere.
func (r *resource) badID(id string) *reply {
	if id == "" || r.words || strings.Contains(id, "/") || r.path == "agent" && id == "me" {
		return nil
	}
	if _, ok := r.parseID(id); ok {
		return nil
	}
	return modelState("id", fmt.Sprintf("The value '%s' is not valid.", id))
}
