// Package suggest names what a mistyped word may have meant.
package suggest

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// most bounds how many names are suggested.
const most = 3

// Text is " (did you mean X or Y?)", or empty where no name is close. Each name gets the prefix, such as "--".
func Text(typed string, names []string, prefix string) string {
	var close []string
	for _, name := range names {
		if levenshtein.ComputeDistance(typed, name) <= max(1, (len(typed)+1)/3) || (len(typed) > 3 && strings.Contains(name, typed)) {
			if close = append(close, prefix+name); len(close) == most {
				break
			}
		}
	}
	if len(close) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(close, " or ") + "?)"
}
