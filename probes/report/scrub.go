package report

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/halocheck/halocheck/probes/secret"
)

// scrubbed is the second line of defence: nothing should have kept a secret, and if something did, it goes no further. It
// looks at the decoded strings, since JSON has many ways to write a character.
func (r *Report) scrubbed(secrets ...secret.Text) (*Report, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if !secret.NewNeedle(secrets...).In(string(raw)) {
		return r, nil
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	tree, found := scrubTree(tree, secrets)
	if !found {
		return r, nil
	}
	if raw, err = json.Marshal(tree); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out := &Report{}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out.Exit = r.Exit
	return out, nil
}

// scrubTree replaces the secrets in every string of a decoded document, keys included; found tells whether there were any.
func scrubTree(v any, secrets []secret.Text) (out any, found bool) {
	switch v := v.(type) {
	case string:
		clean := secret.Scrub(v, secrets...)
		return clean, clean != v
	case []any:
		for i, item := range v {
			clean, hit := scrubTree(item, secrets)
			v[i], found = clean, found || hit
		}
	case map[string]any:
		for key, item := range v {
			clean, hit := scrubTree(item, secrets)
			name := secret.Scrub(key, secrets...)
			if name != key {
				delete(v, key)
				hit = true
			}
			v[name], found = clean, found || hit
		}
	}
	return v, found
}
