package report

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/internal/secret"
)

// redacted is the second line of defence: nothing should have kept a secret, and if something did, it goes no further. It
// looks at the decoded strings, since JSON has many ways to write a character.
func redacted(r *Report, redactor secret.Redactor) (*Report, error) {
	rest := *r
	rest.Evidence = nil // in JSON already
	raw, err := json.Marshal(rest)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	found := redactor.Detects(string(raw))
	for name, answer := range r.Evidence {
		found = found || redactor.Detects(name) || redactor.Detects(string(answer))
	}
	if !found {
		return r, nil
	}
	return MapStrings(r, redactor.Redact)
}

// MapStrings is the report with every string in it replaced, keys included.
func MapStrings(r *Report, replace func(string) string) (*Report, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if raw, err = MapJSONStrings(raw, replace); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out := &Report{}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out.Exit = r.Exit
	return out, nil
}

// MapJSONStrings replaces every string of a document, keys included. Numbers stay as they are written.
func MapJSONStrings(raw []byte, replace func(string) string) ([]byte, error) {
	var tree any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(mapStrings(tree, replace))
}

func mapStrings(v any, replace func(string) string) any {
	switch v := v.(type) {
	case string:
		return replace(v)
	case []any:
		for i, item := range v {
			v[i] = mapStrings(item, replace)
		}
	case map[string]any:
		for key, item := range v {
			name := replace(key)
			if name != key {
				delete(v, key)
			}
			v[name] = mapStrings(item, replace)
		}
	}
	return v
}

// pseudonymiseEmails gives e-mail addresses another name wherever the instance's own words are told. What whoever ran it
// typed as a reason or as an owner stays.
func pseudonymiseEmails(r *Report, book *pseudonym.Generator) error {
	r.Target.Tenant = book.Emails(r.Target.Tenant)
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Because = book.Emails(f.Because)
		if f.Remedy != nil {
			remedy := *f.Remedy
			remedy.Do = book.Emails(remedy.Do)
			f.Remedy = &remedy
		}
	}
	for name, raw := range r.Evidence {
		if text := string(raw); book.Emails(text) == text {
			continue
		}
		clean, err := MapJSONStrings(raw, book.Emails)
		if err != nil {
			return fmt.Errorf("report: %s: %w", name, err)
		}
		r.Evidence[name] = clean
	}
	return nil
}
