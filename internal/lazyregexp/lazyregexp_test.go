package lazyregexp

import "testing"

func TestNew(t *testing.T) {
	word := New(`^[a-z]+$`)
	if !word().MatchString("word") || word().MatchString("two words") {
		t.Error("the pattern does not match what it says")
	}
	if first, second := word(), word(); first != second {
		t.Error("the pattern is compiled at each use")
	}
	defer func() {
		if recover() == nil {
			t.Error("a wrong pattern passes in a test")
		}
	}()
	New(`(`)
}
