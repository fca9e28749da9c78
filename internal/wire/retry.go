package wire

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Tries of one question, the first included, and the first pause between them; pauses double and are jittered.
const (
	maxTries   = 3
	firstPause = 200 * time.Millisecond
)

// longest is the longest pause that can be counted: some 292 years.
const longest = time.Duration(math.MaxInt64)

// errTransient carries no detail: the page does.
var errTransient = errors.New("transient")

// Retry repeats ask while its answer is transient (429, 5xx, a reset connection), obeys Retry-After, and gives up when
// the tries are used or when the pause would outlast ctx. The last answer is returned as it is; Tries says how often
// it was asked.
func Retry(ctx context.Context, ask func() (Page, error)) (Page, error) {
	var page Page
	var last error
	tries := 0
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.Multiplier = firstPause, 2
	_, _ = backoff.Retry(ctx, func() (struct{}, error) {
		tries++
		page, last = ask()
		switch {
		case last != nil && transientError(last):
			return struct{}{}, last
		case last != nil || !page.Transient():
			return struct{}{}, nil
		}
		if after, ok := RetryAfter(page, time.Now()); ok {
			if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) < after {
				return struct{}{}, nil
			}
			return struct{}{}, &backoff.RetryAfterError{Duration: after}
		}
		return struct{}{}, errTransient
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(0))
	page.Tries = tries
	return page, last
}

// transientError tells whether a connection that broke may hold when it is opened again.
func transientError(err error) bool {
	c := Cause(err)
	return c == "connection_reset" || c == "connection_closed"
}

// RetryAfter is the pause that an answer asks for: seconds or an HTTP date, never negative.
func RetryAfter(p Page, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseInt(p.RetryAfter, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(longest/time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(p.RetryAfter); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
