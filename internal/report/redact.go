package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
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

// MapStrings is the report with its free text replaced, which a server, a certificate or a person worded. IDs, statuses and
// what else the schema settles stay, so that it is a report still.
func MapStrings(r *Report, replace func(string) string) (*Report, error) {
	out := *r
	for _, text := range []*string{
		&out.Tool.Version, &out.Target.URL, &out.Target.AuthURL, &out.Target.Tenant, &out.Guide.Name, &out.Guide.Edition, &out.Guide.Text,
	} {
		*text = replace(*text)
	}
	out.Only = slices.Clone(r.Only)
	for i := range out.Only {
		out.Only[i] = replace(out.Only[i])
	}
	mapGuides(&out, replace)
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		mapFinding(&out.Findings[i], replace)
	}
	out.Evidence = map[string]json.RawMessage{}
	for name, raw := range r.Evidence {
		answer, err := MapJSONStrings(raw, replace)
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", name, err)
		}
		out.Evidence[name] = answer
	}
	return &out, nil
}

func mapGuides(r *Report, replace func(string) string) {
	mapNotes(&r.Guide.ReportGuideNotes, replace)
	r.Guides = slices.Clone(r.Guides)
	for i := range r.Guides {
		g := &r.Guides[i]
		g.Name, g.Edition, g.Text, g.Fields = replace(g.Name), replace(g.Edition), replace(g.Text), slices.Clone(g.Fields)
		mapNotes(&g.ReportGuideNotes, replace)
		for n := range g.Fields {
			g.Fields[n].Field, g.Fields[n].Value = replace(g.Fields[n].Field), replace(g.Fields[n].Value)
		}
	}
	r.Contradictions = slices.Clone(r.Contradictions)
	for i := range r.Contradictions {
		c := &r.Contradictions[i]
		c.Do, c.Sides = replace(c.Do), slices.Clone(c.Sides)
		for n := range c.Sides {
			c.Sides[n].Guide, c.Sides[n].Says = replace(c.Sides[n].Guide), replace(c.Sides[n].Says)
		}
	}
}

func mapNotes(n *probes.ReportGuideNotes, replace func(string) string) {
	n.AfterChange, n.Manual, n.Gaps = replace(n.AfterChange), slices.Clone(n.Manual), slices.Clone(n.Gaps)
	for _, list := range [][]string{n.Manual, n.Gaps} {
		for i := range list {
			list[i] = replace(list[i])
		}
	}
}

func mapFinding(f *probes.Finding, replace func(string) string) {
	f.AskedBy = slices.Clone(f.AskedBy)
	for i := range f.AskedBy {
		for _, text := range []*string{&f.AskedBy[i].Guide, &f.AskedBy[i].Section, &f.AskedBy[i].Item, &f.AskedBy[i].Label} {
			*text = replace(*text)
		}
	}
	for _, text := range []*string{&f.Says, &f.Because, &f.Host, &f.Attested, &f.Source.Guide, &f.Source.Section, &f.Source.Item, &f.Source.Label} {
		*text = replace(*text)
	}
	if _, known := CauseMeanings[f.Cause]; !known { // an error code of the server's
		f.Cause = probes.Cause(replace(string(f.Cause)))
	}
	if f.Remedy != nil {
		f.Remedy = &probes.Remedy{Who: f.Remedy.Who, Do: replace(f.Remedy.Do), Where: replace(f.Remedy.Where)}
	}
	for _, w := range []**probes.Waiver{&f.Waived, &f.WaiverEnded, &f.WaiverUnneeded} {
		if *w != nil {
			*w = &probes.Waiver{Reason: replace((*w).Reason), Owner: replace((*w).Owner), Until: replace((*w).Until)}
		}
	}
}

// MapJSONStrings replaces every string of a document. Numbers stay as they are written, and so do the keys that halocheck
// writes itself: a secret that is a word like one of them tells nothing there.
func MapJSONStrings(raw []byte, replace func(string) string) ([]byte, error) {
	var tree any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(mapStrings(tree, replace))
}

// ownKey tells the keys that halocheck writes itself from those that an instance named.
var ownKey = lazyregexp.New(`^[a-z][a-z0-9_.:-]*$`)

func mapStrings(v any, replace func(string) string) any {
	switch v := v.(type) {
	case string:
		return replace(v)
	case []any:
		for i, item := range v {
			v[i] = mapStrings(item, replace)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			if !ownKey().MatchString(key) {
				key = replace(key)
			}
			out[key] = mapStrings(item, replace)
		}
		return out
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
