package fakehalo

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// limiter counts requests in a rolling window, as HaloPSA does: halo-api §10. Anonymous requests are neither counted nor
// refused, so that an instance under load can still be told from another product; how Halo treats them is not known.
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
	window := l.windowLength()
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

// windowLength is the window's length.
func (l *limiter) windowLength() time.Duration {
	if l.window == 0 {
		return 5 * time.Minute
	}
	return l.window
}

// refusal has this limit's own figures; the words are recorded (halo-api §10). Retry-After, which nobody has seen of
// HaloPSA itself, says when the oldest request leaves the window, at least a second from now.
func (l *limiter) refusal(i *instance, now time.Time) *reply {
	out := &reply{
		status: http.StatusTooManyRequests, kind: "text/plain", header: http.Header{},
		body: fmt.Sprintf("Rate Limit Reached - %d Requests per rolling %g minute window", l.most, math.Round(l.windowLength().Minutes()*100)/100),
	}
	if i.dialect["retry-after"] == "seconds" {
		wait := 1.0
		if len(l.seen) > 0 {
			wait = max(wait, math.Ceil(l.windowLength().Seconds()-now.Sub(l.seen[0]).Seconds()))
		}
		out.header.Set("Retry-After", strconv.Itoa(int(wait)))
	}
	return out
}
