// Package secret holds what must never be printed. A [Text] formats, marshals and logs as «redacted» whatever verb is
// used; only Reveal gives it away, and only the token request and the check of its form call that.
package secret

import "fmt"

// redacted is what is seen instead.
const redacted = "[redacted]"

// Text is a secret string. The zero value is empty. Its fields cannot be reached by reflection-based printers, because
// the value is behind a function.
type Text struct{ reveal func() string }

// New keeps s.
func New(s string) Text { return Text{reveal: func() string { return s }} }

// Reveal gives the secret away. Never pass the result to anything that prints or stores.
func (t Text) Reveal() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// Empty tells whether there is nothing to keep.
func (t Text) Empty() bool { return t.Reveal() == "" }

// Format prints the placeholder for every verb.
func (Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String is the placeholder.
func (Text) String() string { return redacted }

// MarshalText is the placeholder, in JSON and YAML alike.
func (Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }
