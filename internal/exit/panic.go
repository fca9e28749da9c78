package exit

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Panicked is the error of what recover returned, called by the function that recovered. A panic's text may hold anything, so it is
// told by its kind and place alone.
func Panicked(r any) error {
	return fmt.Errorf("it broke, which is its own fault: %T at %s", r, panicLocation())
}

// panicLocation is the innermost line of ours that a panic came through.
func panicLocation() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(4, callers)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "halocheck") || strings.HasPrefix(frame.Function, "main.") {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
