package halo

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// SameName compares names as people read them: without case (ß is ss), surrounding blanks, how many and which blanks are
// between words, and the two ways of writing an accented letter, since what is typed on one system is stored on another.
func SameName(a, b string) bool { return folded(a) == folded(b) }

func folded(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.Join(strings.Fields(name), " "))))
}
