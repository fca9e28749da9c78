package main

import (
	"errors"
	"testing"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet"
)

// TestWhatEndsAFleet: what broke in halocheck itself ends the run; a mistake of one entry does not, and has its place.
func TestWhatEndsAFleet(t *testing.T) {
	i := fleet.Instance{Name: "acme"}
	for name, c := range map[string]struct {
		err      error
		internal bool
		located  bool
	}{
		"halocheck broke":  {exit.Internal(errors.New("it broke")), true, false},
		"a wrong setting":  {&halocheck.SettingError{Setting: "stable", Problem: errors.New("it is no version")}, false, true},
		"nothing is wrong": {nil, false, false},
	} {
		var own exit.InternalError
		var at *fleet.InventoryError
		err := checkError(i, c.err)
		if errors.As(err, &own) != c.internal || errors.As(err, &at) != c.located || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %T %v", name, err, err)
		}
	}
}
