package checklist

import (
	"cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

// Entry is a guide in a list of the library.
type Entry struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Vendor     string `json:"vendor"`
	Edition    string `json:"edition"`
	AsOf       string `json:"as_of"`
	Confidence string `json:"confidence"`
	Faults     int    `json:"faults"` // mistakes in the vendor's own page
}

// Library lists the guides that there are.
func Library() []Entry {
	var entries []Entry
	for _, g := range guide.Library() {
		entries = append(entries, Entry{g.ID, g.Name, g.Vendor, g.Edition, g.AsOf, cmp.Or(g.Confidence, guide.Complete), len(g.Faults)})
	}
	return entries
}
