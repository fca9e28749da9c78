// Package lazyregexp compiles a package's patterns when they are first used: most runs need few of them, and compiling all
// takes a quarter of the time that the program needs to start.
package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// inTest: in a test every pattern is compiled at once, so that a wrong one is noticed by whichever test of its package runs.
var inTest = len(os.Args) > 0 && strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test")

// New is the pattern, compiled at the first call. It panics there where the pattern is wrong.
func New(pattern string) func() *regexp.Regexp {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
	if inTest {
		compiled()
	}
	return compiled
}
