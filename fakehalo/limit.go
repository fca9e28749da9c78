package fakehalo

import "time"

// limiter counts requests in a rolling window, as HaloPSA does: halo-api §10.
type limiter struct {
	most   int // 0: no limit
	window time.Duration
	seen   []time.Time
}

// allow notes a request and tells whether it is still within the limit.
func (l *limiter) allow(now time.Time) bool {
	if l.most == 0 {
		return true
	}
	window := l.window
	if window == 0 {
		window = 5 * time.Minute
	}
	kept := l.seen[:0]
	for _, t := range l.seen {
		if now.Sub(t) < window {
			kept = append(kept, t)
		}
	}
	l.seen = kept
	if len(l.seen) >= l.most {
		return false
	}
	l.seen = append(l.seen, now)
	return true
}
