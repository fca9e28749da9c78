package halo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SameName compares names as people read them: without case (ß is ss), surrounding blanks, how many and which blanks are
// between words, and the two ways of writing an accented letter, since what is typed on one system is stored on another.
func SameName(a, b string) bool { return folded(a) == folded(b) }

// folded folds case as strings.EqualFold does, and ß as Unicode's full folding does. All of the latter, as in x/text/cases,
// comes with tables of languages that make the program 250 kB larger.
func folded(name string) string {
	name = sharpS.Replace(norm.NFC.String(strings.Join(strings.Fields(name), " ")))
	return norm.NFC.String(strings.Map(foldRune, name))
}

var sharpS = strings.NewReplacer("ß", "ss", "ẞ", "ss")

// foldRune is the same for all runes that differ in case alone: the least of them.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
