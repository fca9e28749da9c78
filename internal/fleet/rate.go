package fleet

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how many requests there may be in any window of time. The zero value is no limit.
type Rate struct {
	Most   int
	Window time.Duration
}

// DefaultHostRate is the lowest limit of HaloPSA that anybody told of: 300 requests in a rolling window of five minutes.
var DefaultHostRate = Rate{300, 5 * time.Minute}

// ParseRate reads N/D, such as 300/5m; off is no limit.
func ParseRate(typed string) (Rate, error) {
	if typed == "off" {
		return Rate{}, nil
	}
	n, d, _ := strings.Cut(typed, "/")
	most, errN := strconv.Atoi(n)
	window, errD := time.ParseDuration(d)
	if errN != nil || errD != nil || most < 2 || window <= 0 {
		return Rate{}, fmt.Errorf("%q is not N/D with N of 2 or more, such as 300/5m, or off", typed)
	}
	return Rate{most, window}, nil
}

// limiter holds to the rate in every window: half of it may come at once, and the other half is spread over the window.
func (r Rate) limiter() *rate.Limiter {
	if r.Most == 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	burst := r.Most / 2
	return rate.NewLimiter(rate.Limit(float64(r.Most-burst)/r.Window.Seconds()), burst)
}

// What an instance is let in with, in requests: what a usual check sends, so that the deadline of an instance is not spent
// on waiting for its turn. What a check sends beyond it waits.
const (
	fareAll  = 16
	fareHost = 4
)

// limits are the rates of all hosts together and of each.
type limits struct {
	all  *rate.Limiter
	each Rate

	mu    sync.Mutex
	hosts map[string]*rate.Limiter
}

func newLimits(all, each Rate) *limits {
	return &limits{all: all.limiter(), each: each, hosts: map[string]*rate.Limiter{}}
}

func (l *limits) host(name string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hosts[name]
	if h == nil {
		h = l.each.limiter()
		l.hosts[name] = h
	}
	return h
}

// enter lets an instance in whose requests go to host, or says how long it has to wait.
func (l *limits) enter(host string, now time.Time) (*Pass, time.Duration) {
	here := l.host(host)
	p := &Pass{limits: l, host: host, all: fare(l.all, fareAll), here: fare(here, fareHost)}
	if wait := max(lacks(l.all, p.all, now), lacks(here, p.here, now)); wait > 0 {
		return nil, wait
	}
	l.all.AllowN(now, p.all)
	here.AllowN(now, p.here)
	return p, 0
}

// fare is how much is taken in advance: no more than there may ever be at once.
func fare(l *rate.Limiter, usual int) int {
	if l.Limit() == rate.Inf {
		return 0
	}
	return min(usual, l.Burst())
}

// lacks is how long it takes until n tokens are there.
func lacks(l *rate.Limiter, n int, now time.Time) time.Duration {
	if missing := float64(n) - l.TokensAt(now); missing > 0 && l.Limit() != rate.Inf {
		return time.Duration(missing / float64(l.Limit()) * float64(time.Second))
	}
	return 0
}

// Pass is one instance's right to send requests.
type Pass struct {
	limits *limits
	host   string

	mu        sync.Mutex
	all, here int // requests left that were taken in advance
}

// Wait returns when a request to a host, with its port, may be sent, or with the error of ctx.
func (p *Pass) Wait(ctx context.Context, host string) error {
	p.mu.Lock()
	paidAll, paidHost := p.all > 0, p.here > 0 && host == p.host
	if paidAll {
		p.all--
	}
	if paidHost {
		p.here--
	}
	p.mu.Unlock()
	if !paidHost {
		if err := p.limits.host(host).Wait(ctx); err != nil {
			return err
		}
	}
	if !paidAll {
		return p.limits.all.Wait(ctx)
	}
	return nil
}
