// Package goroutines fails a package's tests when they leave a goroutine behind. It is for tests alone:
//
//	func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }
package goroutines

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
)

// patience is how long a goroutine may take to end after the last test: what was told to stop on a busy machine is no leak.
const patience = 20 * time.Second

// Watched are the tests of a package, and the goroutines that there were before them.
type Watched struct {
	tests  *testing.M
	before []gleak.Goroutine
}

// Watch takes note of the goroutines that are there already.
func Watch(m *testing.M) Watched { return Watched{m, gleak.Goroutines()} }

// Run runs the tests and returns the exit code: that of the tests, or 1 where they hold and a goroutine is left.
func (w Watched) Run() int {
	code := w.tests.Run()
	if code != 0 {
		return code // a test that failed may have had no chance to tidy up
	}
	g := gomega.NewGomega(func(message string, _ ...int) {
		fmt.Fprintln(os.Stderr, message)
		code = 1
	})
	g.Eventually(gleak.Goroutines).WithTimeout(patience).ShouldNot(gleak.HaveLeaked(w.before))
	return code
}
