package fleet

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/halocheck/halocheck/probes/halo"
)

// Rate is how many requests there may be in any window of time. The zero value is no limit.
type Rate struct {
	Most   int
	Window time.Duration
}

// DefaultHostRate is the lowest published limit of HaloPSA.
var DefaultHostRate = Rate{halo.RequestLimit, halo.LimitWindow}

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

// Requests that a permit holds in advance: the number that a usual check sends, so that waiting for the rate limit does not
// use up the check's deadline. Further requests wait.
const (
	prepaidTotal = 16
	prepaidHost  = 4
)

// rateLimits are the rates of all hosts together and of each.
type rateLimits struct {
	total   *rate.Limiter
	perHost Rate

	mu    sync.Mutex
	hosts map[string]*rate.Limiter
}

func newRateLimits(all, each Rate) *rateLimits {
	return &rateLimits{total: all.limiter(), perHost: each, hosts: map[string]*rate.Limiter{}}
}

func (l *rateLimits) host(name string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hosts[name]
	if h == nil {
		h = l.perHost.limiter()
		l.hosts[name] = h
	}
	return h
}

// admit returns a permit for an instance on host, with so many requests to it in advance, or how long the caller has to wait.
func (l *rateLimits) admit(host string, own int, now time.Time) (*Permit, time.Duration) {
	here := l.host(host)
	p := &Permit{limits: l, host: host, total: prepaid(l.total, prepaidTotal), own: prepaid(here, own)}
	if wait := max(waitFor(l.total, p.total, now), waitFor(here, p.own, now)); wait > 0 {
		return nil, wait
	}
	l.total.AllowN(now, p.total)
	here.AllowN(now, p.own)
	return p, 0
}

// prepaid is the number of requests that a permit takes in advance, at most the limiter's burst.
func prepaid(l *rate.Limiter, usual int) int {
	if l.Limit() == rate.Inf {
		return 0
	}
	return min(usual, l.Burst())
}

// waitFor is how long it takes until the limiter has n tokens.
func waitFor(l *rate.Limiter, n int, now time.Time) time.Duration {
	if missing := float64(n) - l.TokensAt(now); missing > 0 && l.Limit() != rate.Inf {
		return time.Duration(missing / float64(l.Limit()) * float64(time.Second))
	}
	return 0
}

// Permit is one instance's share of the rate limits.
type Permit struct {
	limits *rateLimits
	host   string

	mu         sync.Mutex
	total, own int // requests left of those taken in advance
}

// Wait returns when a request to a host, with its port, may be sent, or with the error of ctx.
func (p *Permit) Wait(ctx context.Context, host string) error {
	p.mu.Lock()
	paidAll, paidHost := p.total > 0, p.own > 0 && host == p.host
	if paidAll {
		p.total--
	}
	if paidHost {
		p.own--
	}
	p.mu.Unlock()
	if !paidHost {
		if err := p.limits.host(host).Wait(ctx); err != nil {
			return err
		}
	}
	if !paidAll {
		return p.limits.total.Wait(ctx)
	}
	return nil
}
