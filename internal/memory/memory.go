// Package memory sets how much memory a process may take rather than spend time on collecting garbage.
package memory

import (
	"math"
	"runtime/debug"
)

// growth is how much garbage may pile up, in per cent of what is in use; Go's own default is 100.
const growth = 400

// Bound lets garbage pile up until the process takes about soft bytes; from there on it is collected as often as needed.
// GOMEMLIMIT and GOGC, where they are set, stay as they are. The function that it returns restores what was before.
func Bound(soft int64) (restore func()) {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		debug.SetMemoryLimit(soft)
	}
	percent := debug.SetGCPercent(growth)
	if percent != 100 {
		debug.SetGCPercent(percent)
	}
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}
