package fleet

import (
	"context"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// How this machine's own slowness is told from a server's: a pause that lasts longer than it should by tooLate means that
// checks wait for the processor. To let more in then would make all of them slower, until they fail for it.
const (
	feelEvery = 20 * time.Millisecond
	tooLate   = 60 * time.Millisecond
	feelFor   = time.Second // how long an overload is remembered
	tooMuch   = 192 << 20   // bytes of memory in use: a check at work takes about one MiB, one that waits much less
)

// pulse tells whether the machine is overloaded.
type pulse struct {
	until atomic.Int64 // Unix, nanoseconds: it is overloaded up to then
}

// feel watches until ctx ends.
func (p *pulse) feel(ctx context.Context) {
	memory := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for ctx.Err() == nil {
		before := time.Now()
		pause(ctx, feelEvery)
		metrics.Read(memory)
		if now := time.Now(); now.Sub(before) > feelEvery+tooLate || memory[0].Value.Uint64() > tooMuch {
			p.until.Store(now.Add(feelFor).UnixNano())
		}
	}
}

func (p *pulse) overloaded() bool { return time.Now().UnixNano() < p.until.Load() }
