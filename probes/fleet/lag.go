package fleet

import (
	"context"
	"sync/atomic"
	"time"
)

// How this machine's own slowness is told from a server's: a pause that lasts longer than it should by tooLate means that
// checks wait for the processor. To let more in then would make all of them slower, until they fail for it.
const (
	feelEvery = 20 * time.Millisecond
	tooLate   = 60 * time.Millisecond
	feelFor   = time.Second // how long an overload is remembered
)

// pulse tells whether the machine is overloaded.
type pulse struct {
	until atomic.Int64 // Unix, nanoseconds: it is overloaded up to then
}

// feel watches until ctx ends.
func (p *pulse) feel(ctx context.Context) {
	for ctx.Err() == nil {
		before := time.Now()
		pause(ctx, feelEvery)
		if now := time.Now(); now.Sub(before) > feelEvery+tooLate {
			p.until.Store(now.Add(feelFor).UnixNano())
		}
	}
}

func (p *pulse) overloaded() bool { return time.Now().UnixNano() < p.until.Load() }
