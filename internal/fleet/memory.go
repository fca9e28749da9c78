package fleet

import (
	"math"
	"runtime/debug"
)

// Memory that a fleet may take rather than spend time on collecting it, unless GOMEMLIMIT and GOGC say otherwise.
const (
	softMemory = 240 << 20 // bytes from which on it is given back rather than kept for later
	growth     = 400       // per cent of what is in use that may pile up below that; Go's own default is 100
)

// BoundMemory sets the limits of this process, and gives back what reading the inventory took.
func BoundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(softMemory)
	}
	if before := debug.SetGCPercent(growth); before != 100 {
		debug.SetGCPercent(before)
	}
	debug.FreeOSMemory()
}
