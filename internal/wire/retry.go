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
	retryTime   = 10 * time.Second // from the first transient answer of a host to the start of the last try
	firstPause  = 200 * time.Millisecond
	longPause   = 2 * time.Second
	pauseGrowth = 2
	leastTries  = 3 // of a request to a host that retryTime was spent on
)

// longest is the longest pause that can be counted: some 292 years.
const longest = time.Duration(math.MaxInt64)

// Retry repeats ask, a request to the host of address, while its answer is transient (429, 5xx, a reset connection). The
// requests of a run share about ten seconds for each host: where one waited in vain, the next ones are tried three times, and
// those that wait side by side pause longer the more they are. Pauses double and are jittered; a longer Retry-After is obeyed where it ends before ctx does, otherwise the answer stands.
// The last answer is returned as it is; Tries says how often it was asked.
func (n *Net) Retry(ctx context.Context, address string, ask func() (Page, error)) (Page, error) {
	host, _ := ParseEndpoint(address) // the request itself tells of a bad one
	begun := time.Now()
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.Multiplier, pauses.MaxInterval = firstPause, pauseGrowth, longPause
	waits := false
	defer func() {
		if waits {
			n.noteWaiting(host, -1)
		}
	}()
	for tries := 1; ; tries++ {
		page, err := ask()
		page.Tries = tries
		if !(err == nil && page.Transient() || err != nil && transientError(err)) {
			if tries > 1 {
				n.recovered(host)
			}
			return page, err
		}
		spent := time.Since(n.troubledSince(host)) >= retryTime
		if spent && tries >= leastTries || time.Since(begun) >= retryTime {
			return page, err
		}
		pause := pauses.NextBackOff()
		if !waits {
			waits = true
			n.noteWaiting(host, 1)
		}
		if !spent {
			longer := min(pause*time.Duration(n.noteWaiting(host, 0)), retryTime-time.Since(begun))
			if deadline, bounded := ctx.Deadline(); bounded {
				longer = min(longer, time.Until(deadline)/leastTries)
			}
			pause = max(min(pause, retryTime-time.Since(begun)), longer)
		}
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

// troubledSince is when the host's answers began to be transient; now, where they were not so far.
func (n *Net) troubledSince(host Endpoint) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.troubled == nil {
		n.troubled = map[Endpoint]time.Time{}
	}
	if n.troubled[host].IsZero() {
		n.troubled[host] = time.Now()
	}
	return n.troubled[host]
}

// noteWaiting counts the requests that wait to ask the host again, and returns how many there are.
func (n *Net) noteWaiting(host Endpoint, change int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == nil {
		n.waiting = map[Endpoint]int{}
	}
	n.waiting[host] += change
	return n.waiting[host]
}

// recovered notes that trying again helped.
func (n *Net) recovered(host Endpoint) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.troubled, host)
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
