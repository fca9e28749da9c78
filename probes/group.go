package probes

import (
	"runtime/debug"
	"sync"
)

// Group runs the parts of one question side by side. A panic in a part is the question's own: it breaks where the parts are
// waited for, and so becomes a finding. By itself it would end the process, with whatever its text holds on the terminal.
type Group struct {
	wait  sync.WaitGroup
	once  sync.Once
	broke *brokenPart
}

// brokenPart is what a part panicked with, and where.
type brokenPart struct {
	what  any
	stack []byte
}

// Go starts a part.
func (g *Group) Go(part func()) {
	g.wait.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				g.once.Do(func() { g.broke = &brokenPart{r, debug.Stack()} })
			}
		}()
		part()
	})
}

// Wait waits for all parts, and panics where one did.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.broke != nil {
		panic(g.broke)
	}
}

// whence is what was recovered from, with the stack of where it broke: that of a part where it was one.
func whence(r any) (what any, stack []byte) {
	if part, ok := r.(*brokenPart); ok {
		return part.what, part.stack
	}
	return r, debug.Stack()
}
