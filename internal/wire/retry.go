package wire

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Bounds on trying again. An instance that starts up, or that limits requests, answers within some seconds: contract §11.
const (
	retryTime   = 10 * time.Second // from the first try to the start of the last one, pauses that Retry-After asks for apart
	firstPause  = 200 * time.Millisecond
	longPause   = 2 * time.Second
	pauseGrowth = 2
)

// longest is the longest pause that can be counted: some 292 years.
const longest = time.Duration(math.MaxInt64)

// Retry repeats ask while its answer is transient (429, 5xx, a reset connection) for about ten seconds. Pauses double and
// are jittered; a longer Retry-After is obeyed where it ends before ctx does, otherwise the answer stands. The last answer
// is returned as it is; Tries says how often it was asked.
func Retry(ctx context.Context, ask func() (Page, error)) (Page, error) {
	begun := time.Now()
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.Multiplier, pauses.MaxInterval = firstPause, pauseGrowth, longPause
	for tries := 1; ; tries++ {
		page, err := ask()
		page.Tries = tries
		again := err == nil && page.Transient() || err != nil && transientError(err)
		if !again || time.Since(begun) >= retryTime {
			return page, err
		}
		pause := pauses.NextBackOff()
		if after, ok := RetryAfter(page, time.Now()); ok {
			pause = max(pause, after)
		}
		if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) < pause {
			return page, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return page, err
		}
	}
}

// transientError tells whether a connection that broke may hold when it is opened again.
func transientError(err error) bool {
	c := Cause(err)
	return c == "connection_reset" || c == "connection_closed"
}

// RetryAfter is the pause that an answer asks for: seconds or an HTTP date, never negative. A date counts from the answer's
// own Date where it has one, since the two clocks may differ, else from now.
func RetryAfter(p Page, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseInt(p.RetryAfter, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(longest/time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(p.RetryAfter); err == nil {
		if sent, err := http.ParseTime(p.Date); err == nil {
			now = sent
		}
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
