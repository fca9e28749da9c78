package trust

import (
	"context"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Clock compares the server's clock with this machine's.
type Clock struct {
	AheadSeconds int `json:"ahead_s"` // how far the server's is ahead; 0 within five minutes
}

// newClockProbe asks for the time only where the dates of the certificates hang on it. Otherwise it reads the Date of what
// is asked anyway.
func (t *HostProbes) newClockProbe() *probes.Probe[Clock] {
	return &probes.Probe[Clock]{
		Name: "trust.clock" + t.Suffix,
		Asks: "nothing more than other requests do; HEAD / for the server's time where a certificate is not in date, or not for long",
		Look: func(ctx context.Context, s *probes.Session) (Clock, error) {
			c, err := probes.Look(ctx, s, t.chainProbe)
			if err != nil {
				return Clock{}, err
			}
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Clock{}, err
			}
			step, cancel := probes.Step(ctx, serverHeaderTimeout)
			defer cancel()
			ask := s.Net.ClockSeen
			if judgeDates(c).Status != probes.Passed || judgeRenewal(c).Status != probes.Passed {
				ask = s.Net.ClockAhead
			}
			return Clock{AheadSeconds: int(ask(step, e).Seconds())}, nil
		},
	}
}

// newDatesProbe is the chain with what is known of the server's clock. Nothing that sends a secret waits for it.
func (t *HostProbes) newDatesProbe() *probes.Probe[Chain] {
	return &probes.Probe[Chain]{
		Name:    "trust.dates" + t.Suffix,
		Asks:    "nothing more than trust.chain; HEAD / for the server's time where a certificate is not in date, or not for long",
		Derived: true,
		Look: func(ctx context.Context, s *probes.Session) (Chain, error) {
			c, err := probes.Look(ctx, s, t.chainProbe)
			if err == nil {
				if clock, err := probes.Look(ctx, s, t.clockProbe); err == nil { // reports of older versions have none
					c.clockAhead = time.Duration(clock.AheadSeconds) * time.Second
				}
			}
			return c, err
		},
	}
}

// setClock is the remedy where the dates hold by the server's clock and not by this machine's.
var setClock = probes.Remedy{Who: probes.Operator, Do: "Set this machine's clock, then run halocheck again.", Where: "the date and time settings of this machine, or its time server"}

// byClocks judges what hangs on the date: flaws by this machine's clock that are none by the server's accuse nobody.
func (c Chain) byClocks(flaws func(Chain) []flaw, holds string) probes.Verdict {
	found := flaws(c)
	v := verdictOf(c.pathOrLeaf(), found, holds)
	if v.Because += c.clockNote(); len(found) > 0 && c.clockAhead != 0 && len(flaws(c.byServer())) == 0 {
		return probes.CannotTell(v.Cause, v.Because+", by which that is not so").With(setClock)
	}
	return v
}

// clockNote says that the clocks differ, in words that go on from another sentence.
func (c Chain) clockNote() string { return wire.ClockNote(c.clockAhead) }

// byServer is the chain at the moment that the server takes for now.
func (c Chain) byServer() Chain {
	c.Now = c.Now.Add(c.clockAhead)
	return c
}
