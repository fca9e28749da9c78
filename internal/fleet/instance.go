package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Instance is one entry of an inventory, with its defaults and groups applied.
type Instance struct {
	Name     string
	Labels   map[string]string
	File     string // the inventory
	Line     int    // where the entry starts, from 1
	Settings []Setting
	// Secret and Admin say where the two secrets are; the zero value means that there is none.
	Secret, Admin Reference
}

// Setting is one setting as written, under the name of the flag of `halocheck check` that it stands for.
type Setting struct {
	Name   string
	Values []string // one, or those of a list
	Line   int
}

// Get is a setting's values; nil where it was not given.
func (i Instance) Get(name string) []string {
	for _, s := range i.Settings {
		if s.Name == name {
			return s.Values
		}
	}
	return nil
}

// first is a setting's only value; empty where it was not given.
func (i Instance) first(name string) string {
	if values := i.Get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// URL is the Resource Server as written; empty for a fake.
func (i Instance) URL() string { return i.first("url") }

// Errorf returns an error with the entry's file and line. The field may be empty.
func (i Instance) Errorf(field, format string, args ...any) error {
	line := i.Line
	for _, s := range i.Settings {
		if s.Name == field {
			line = s.Line
		}
	}
	switch {
	case field == "client-secret" && i.Secret.Given():
		line = i.Secret.Line
	case field == "admin-secret" && i.Admin.Given():
		line = i.Admin.Line
	}
	return inventoryError(i.File, line, joinNonEmpty(i.Name, field), format, args...)
}

// Digest is a hash of the entry's settings. Secrets are no part of it, only their references.
func (i Instance) Digest() string {
	h := sha256.New()
	for _, s := range i.Settings {
		_, _ = fmt.Fprintf(h, "%s=%q\n", s.Name, s.Values)
	}
	_, _ = fmt.Fprintf(h, "%s %q %s %q\n", i.Secret.Scheme, i.Secret.Value, i.Admin.Scheme, i.Admin.Value)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// InventoryError is an error in an inventory, with its place.
type InventoryError struct {
	File    string
	Line    int    // from 1; 0: the file as a whole
	Field   string // "acme: timeout"; empty: the line as a whole
	Message string // never repeats a value that may be a secret
}

func (f *InventoryError) Error() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return where + ": " + joinNonEmpty(f.Field, f.Message)
}

func inventoryError(file string, line int, field, format string, args ...any) error {
	return &InventoryError{File: file, Line: line, Field: field, Message: fmt.Sprintf(format, args...)}
}

// joinNonEmpty joins the parts that are not empty with colons.
func joinNonEmpty(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ": ")
}
