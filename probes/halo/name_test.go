package halo

import "testing"

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1st Line", " 1ST line ", true},
		{"\u00c9quipe", "E\u0301quipe", true},
		{"Stra\u00dfe", "STRASSE", true},
		{"Line 1", "Line 2", false},
	} {
		if got := SameName(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}
