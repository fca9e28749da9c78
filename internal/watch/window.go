package watch

import (
	"context"
	"sync"
	"time"

	"github.com/halocheck/halocheck/probes/halo"
)

// window keeps requests within the limit of any five minutes. The zero value is ready.
type window struct {
	mu   sync.Mutex
	sent []time.Time
}

// wait waits until n more requests fit.
func (w *window) wait(ctx context.Context, n int) error { return w.until(ctx, n, func() {}) }

// take waits for room for one request, and takes it.
func (w *window) take(ctx context.Context, _ string) error {
	return w.until(ctx, 1, func() { w.sent = append(w.sent, time.Now()) })
}

// until waits until n more requests fit, and then does something before anybody else can take the room.
func (w *window) until(ctx context.Context, n int, then func()) error {
	for {
		w.mu.Lock()
		pause := w.pause(n)
		if pause <= 0 {
			then()
		}
		w.mu.Unlock()
		if pause <= 0 {
			return nil
		}
		if !sleep(ctx, pause) {
			return context.Cause(ctx)
		}
	}
}

// pause is how long it takes until n more requests fit, and forgets those that count no more.
func (w *window) pause(n int) time.Duration {
	now := time.Now()
	for len(w.sent) > 0 && now.Sub(w.sent[0]) > halo.LimitWindow {
		w.sent = w.sent[1:]
	}
	over := len(w.sent) + n - halo.RequestLimit
	if over <= 0 {
		return 0
	}
	return w.sent[over-1].Add(halo.LimitWindow + time.Millisecond).Sub(now)
}
