package probes

import (
	"reflect"
	"slices"
)

// asked is a check of one guide among several that are judged together.
type asked struct {
	Check
	by string
}

// AskedBy makes a check one of a guide that is judged beside others: its finding names the guide.
func AskedBy(guide string, c Check) Check { return asked{c, guide} }

func isOneOfSeveral(c Check) bool {
	_, ok := c.(asked)
	return ok
}

func (a asked) evaluate(r *run) Finding {
	f := a.Check.evaluate(r)
	source := f.Source
	source.Guide = a.by
	f.AskedBy = []Source{source}
	return f
}

// IsFor tells whether a finding counts for a guide: it asks for it, or everything rests on it.
func (f Finding) IsFor(guide string) bool {
	return len(f.AskedBy) == 0 || slices.ContainsFunc(f.AskedBy, func(s Source) bool { return s.Guide == guide })
}

// Guides names the guides that ask for it, where several are judged and not all rest on it.
func (f Finding) Guides() (names []string) {
	for _, s := range f.AskedBy {
		names = append(names, s.Guide)
	}
	return names
}

// together merges the findings of one requirement whose verdict, and what was wanted, is the same for several guides.
func together(findings []Finding) (merged []Finding) {
	for _, f := range findings {
		same := func(o Finding) bool {
			o.AskedBy, o.Source, o.Evidence, o.TookMS = f.AskedBy, f.Source, f.Evidence, f.TookMS
			return reflect.DeepEqual(o, f)
		}
		if at := slices.IndexFunc(merged, same); at >= 0 && len(f.AskedBy) > 0 {
			merged[at].AskedBy = append(merged[at].AskedBy, f.AskedBy...)
			continue
		}
		merged = append(merged, f)
	}
	return merged
}
