package watch

import (
	"context"
	"sync"
	"time"
)

// HaloPSA's limit, which all clients of an Authorisation host share: halo-api §10.
const (
	maxRequests = 300
	windowTime  = 5 * time.Minute
)

// window keeps requests within the limit of any five minutes. The zero value is ready.
type window struct {
	mu   sync.Mutex
	sent []time.Time
}

// wait waits until n more requests fit.
func (w *window) wait(ctx context.Context, n int) error {
	for {
		w.mu.Lock()
		pause := w.pause(n)
		w.mu.Unlock()
		if pause <= 0 {
			return ctx.Err()
		}
		if !sleep(ctx, pause) {
			return context.Cause(ctx)
		}
	}
}

// take waits for room for one request, and takes it.
func (w *window) take(ctx context.Context, _ string) error {
	for {
		w.mu.Lock()
		pause := w.pause(1)
		if pause <= 0 {
			w.sent = append(w.sent, time.Now())
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
	for len(w.sent) > 0 && now.Sub(w.sent[0]) > windowTime {
		w.sent = w.sent[1:]
	}
	over := len(w.sent) + n - maxRequests
	if over <= 0 {
		return 0
	}
	return w.sent[over-1].Add(windowTime + time.Millisecond).Sub(now)
}
