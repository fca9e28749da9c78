package fleet

import (
	"context"
	"time"
)

// Limits are rate limits for who starts checks by itself, in place of [CheckAll].
type Limits struct{ rates *rateLimits }

// NewLimits has one rate for each host.
func NewLimits(each Rate) *Limits { return &Limits{newRateLimits(Rate{}, each)} }

// wholeCheck is the most requests of a healthy check.
const wholeCheck = 26

// Admit waits for the permit of an instance, or returns the cause of the end of ctx. Where the host whose rate counts is the
// Resource host, too, it waits until a whole check has room there, so that none waits within its deadline.
func (l *Limits) Admit(ctx context.Context, i Instance) (*Permit, error) {
	host, own := Host(i), prepaidHost
	if host == Host(Instance{Name: i.Name, Settings: []Setting{{Name: "url", Values: i.Get("url")}}}) {
		own = wholeCheck
	}
	for ctx.Err() == nil {
		permit, wait := l.rates.admit(host, own, time.Now())
		if permit != nil {
			return permit, nil
		}
		pause(ctx, wait)
	}
	return nil, context.Cause(ctx)
}

// Start begins a host's rate anew: it may be asked at once as often as ever after full, and less often before.
func (l *Limits) Start(host string, full time.Duration) {
	here := l.rates.perHost.limiter()
	if missing := int(full.Seconds()*float64(here.Limit()) + 0.5); l.rates.perHost.Most > 0 && missing > 0 {
		here.AllowN(time.Now(), min(missing, here.Burst()))
	}
	l.rates.mu.Lock()
	defer l.rates.mu.Unlock()
	l.rates.hosts[host] = here
}

// Full is how long it takes until a host may be asked at once as often as ever.
func (l *Limits) Full(host string) time.Duration {
	here := l.rates.host(host)
	return waitFor(here, here.Burst(), time.Now())
}

// Most is the longest time that [Limits.Full] can be.
func (l *Limits) Most() time.Duration {
	here := l.rates.perHost.limiter()
	return waitFor(here, 2*here.Burst(), time.Now())
}
