package fleet

import (
	"context"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// A timer that fires later than it should by more than maxDelay means that checks wait for this machine's processor. Starting
// more checks would then slow all of them down until they time out.
const (
	sampleInterval = 20 * time.Millisecond
	maxDelay       = 60 * time.Millisecond
	overloadMemory = time.Second // how long an overload counts after it was last seen
	maxHeap        = 192 << 20   // bytes; an active check takes about 1 MiB, a waiting one much less
)

// overloadDetector tells whether this machine is overloaded.
type overloadDetector struct {
	until atomic.Int64 // Unix time in nanoseconds; overloaded until then
}

// watch watches until ctx ends.
func (p *overloadDetector) watch(ctx context.Context) {
	memory := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for ctx.Err() == nil {
		before := time.Now()
		pause(ctx, sampleInterval)
		metrics.Read(memory)
		if now := time.Now(); now.Sub(before) > sampleInterval+maxDelay || memory[0].Value.Uint64() > maxHeap {
			p.until.Store(now.Add(overloadMemory).UnixNano())
		}
	}
}

func (p *overloadDetector) overloaded() bool { return time.Now().UnixNano() < p.until.Load() }
