package waiver

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/safetext"
)

// complaint is an error about a file: one line that starts with its place.
var complaint = regexp.MustCompile(`^f\.yaml(:\d+)?: \S[^\n]*$`)

// FuzzWaivers reads files of waivers that anybody may have written: one that is taken has all that a waiver needs.
func FuzzWaivers(f *testing.F) {
	ids := []string{"trust.renewal", "trust.tidy"}
	for _, seed := range []string{
		"- {id: trust.renewal, reason: r, owner: o, expiry: 2027-01-31}\n- id: trust.tidy\n  reason: r\n  owner: o\n", "- id: trust.renewla", "- reason: r",
		"- {id: trust.tidy, reason: [a, b], owner: o}", "a: b", "[]", "- - a", "- {id: trust.tidy, reason: r, owner: o, expiry: 2027-02-30}", "- *a", "- \x1b: x", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse("f.yaml", data, ids)
		if err != nil {
			if text := safetext.Line(err.Error()); !complaint.MatchString(text) {
				t.Errorf("%q has no place, or several lines", text)
			}
		}
		for _, x := range list {
			if !slices.Contains(ids, x.ID) || strings.TrimSpace(x.Reason) == "" || strings.TrimSpace(x.Owner) == "" || x.Until != "" && len(x.Until) != len("2027-01-31") {
				t.Errorf("%+v was taken", x)
			}
		}
	})
}
