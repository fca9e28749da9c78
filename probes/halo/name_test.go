package halo

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1st Line", " 1ST line ", true},
		{"\u00c9quipe", "E\u0301quipe", true},
		{"Stra\u00dfe", "STRASSE", true},
		{"STRA\u1e9eE", "strasse", true},
		{"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3", true},
		{"Служба поддержки", "СЛУЖБА ПОДДЕРЖКИ", true},
		{"Line 1", "Line 2", false},
		{"Linie", "Lini\u00e9", false},
	} {
		if got := SameName(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}

// TestSameNameFoldsAsUnicodeDoes compares each letter (none with two cases stands above 0x1ffff) and its other cases with
// Unicode's full case folding. Left out are those that it folds to several letters, of which ß alone is made the same here,
// and Cherokee, of which x/text folds one case only.
func TestSameNameFoldsAsUnicodeDoes(t *testing.T) {
	compared := 0
	for r := range rune(0x20000) {
		if !utf8.ValidRune(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cherokee, r) {
			continue
		}
		full := cases.Fold().String(string(r))
		if utf8.RuneCountInString(full) > 1 && r != 'ß' && r != 'ẞ' {
			continue
		}
		for _, other := range []rune{unicode.ToUpper(r), unicode.ToLower(r), unicode.ToTitle(r)} {
			compared++
			if want := full == cases.Fold().String(string(other)); SameName(string(r), string(other)) != want {
				t.Errorf("%q and %q: the same is %t", r, other, !want)
			}
		}
	}
	if compared < 300_000 {
		t.Errorf("only %d were compared", compared)
	}
}
