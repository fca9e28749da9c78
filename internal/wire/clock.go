package wire

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// maxClockDifference is how much two clocks may differ before it is told: contract §11.
const maxClockDifference = 5 * time.Minute

// noteDate keeps how far the server's clock is ahead of this machine's, by the Date header, and returns it; zero where they
// agree. An answer out of a cache has an old Date, so it does not count.
func (n *Net) noteDate(e Endpoint, resp *http.Response) time.Duration {
	sent, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || resp.Header.Get("Age") != "" || n.Now == nil {
		return 0
	}
	ahead := sent.Sub(n.Now()).Round(time.Second)
	if ahead.Abs() <= maxClockDifference {
		ahead = 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.clocks == nil {
		n.clocks = map[Endpoint]time.Duration{}
	}
	n.clocks[e] = ahead
	return ahead
}

// clockPoll is how often ClockSeen looks, and how long it waits for a first request.
const clockPoll = 20 * time.Millisecond

// ClockSeen is ClockAhead by the answers to requests that are under way, without one of its own; zero where there are none.
func (n *Net) ClockSeen(ctx context.Context, e Endpoint) time.Duration {
	for first := true; ; first = false {
		n.mu.Lock()
		ahead, known := n.clocks[e]
		asking := n.asking[e] > 0
		n.mu.Unlock()
		if known || !asking && !first || ctx.Err() != nil {
			return ahead
		}
		select {
		case <-ctx.Done():
		case <-time.After(clockPoll):
		}
	}
}

// noteAsking counts the requests to an endpoint that are under way.
func (n *Net) noteAsking(e Endpoint, more int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asking == nil {
		n.asking = map[Endpoint]int{}
	}
	n.asking[e] += more
}

// ClockAhead is how far the clock of the server is ahead of this machine's, negative where it is behind, and zero where they
// differ by five minutes at most or where the server tells no time. It asks HEAD / where no request has gone there yet.
func (n *Net) ClockAhead(ctx context.Context, e Endpoint) time.Duration {
	if ahead, known := n.KnownClock(e); known {
		return ahead
	}
	page, err := n.Once(ctx, Request{Method: http.MethodHead, URL: "https://" + e.Address() + "/"})
	if err != nil {
		return 0
	}
	return time.Duration(page.ClockAhead) * time.Second
}

// KnownClock is ClockAhead without asking; known tells whether an answer told the time.
func (n *Net) KnownClock(e Endpoint) (ahead time.Duration, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ahead, known = n.clocks[e]
	return ahead, known
}

// ClockNote says that the two clocks differ, in words that go on from another sentence; empty where ahead is zero.
func ClockNote(ahead time.Duration) string {
	switch {
	case ahead > 0:
		return fmt.Sprintf("; this machine's clock is %s behind the server's", formatDifference(ahead))
	case ahead < 0:
		return fmt.Sprintf("; this machine's clock is %s ahead of the server's", formatDifference(-ahead))
	}
	return ""
}

func formatDifference(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
