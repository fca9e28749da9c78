package probes

import (
	"runtime/debug"
	"sync"
)

// Group runs the parts of one question concurrently. Wait repeats a part's panic in the caller, so that it becomes a finding
// instead of ending the process.
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

// panicOrigin is the recovered value and the stack where the panic began: the part's own stack for a panic in a part.
func panicOrigin(r any) (what any, stack []byte) {
	if part, ok := r.(*brokenPart); ok {
		return part.what, part.stack
	}
	return r, debug.Stack()
}
