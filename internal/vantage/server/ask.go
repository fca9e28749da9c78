package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

const (
	absent   = 2 * vantage.LongestPoll // an agent that was not there for so long is not waited for
	askEvery = 50 * time.Millisecond   // how often evidence is looked for
	listTime = 5 * time.Second
	longest  = 10 * time.Second // that a look is waited for
)

// Attach adds the agents of a database to a check's vantage points, one for each address. It is called before the first request.
func Attach(s *store.Store, tell func(error)) func(*probes.Session) {
	return func(session *probes.Session) {
		ctx, cancel := context.WithTimeout(context.Background(), listTime)
		defer cancel()
		all, err := s.VantageAgents(ctx)
		if err != nil {
			tell(fmt.Errorf("no agent looks for this check: %w", err))
			return
		}
		var order []netip.Addr
		latest := map[netip.Addr]store.VantageAgent{}
		for _, a := range all {
			if !a.Enrolled {
				continue
			}
			known, ok := latest[a.Address]
			if !ok {
				order = append(order, a.Address)
			}
			if !ok || a.Seen.After(known.Seen) {
				latest[a.Address] = a
			}
		}
		for _, address := range order {
			a := latest[address]
			session.Vantages = append(session.Vantages, probes.Vantage{
				Name: address.String(),
				Look: func(ctx context.Context, e wire.Endpoint, authinfo bool) (wire.Observation, error) {
					return ask(ctx, s, a, e, authinfo)
				},
			})
		}
	}
}

// ask has an agent look at a host and waits for what it saw. An error says why nothing could be seen from there.
func ask(ctx context.Context, s *store.Store, a store.VantageAgent, e wire.Endpoint, authinfo bool) (o wire.Observation, err error) {
	now := time.Now()
	if now.Sub(a.Seen) > absent {
		return o, fmt.Errorf("the agent %s is not there", a.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	until, _ := ctx.Deadline()
	l := store.Look{Agent: a.Name, Verb: vantage.Handshake, Host: e.Host, Port: e.Port, Expires: until}
	if authinfo {
		l.Verb = vantage.Authinfo
	}
	id, err := s.AddLook(ctx, l)
	if err != nil {
		return o, fmt.Errorf("the agent %s could not be asked: %w", a.Name, err)
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), listTime)
		defer cancel()
		_ = s.RemoveLook(ending, id) // it expires anyway
	}()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		text, err := s.Evidence(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return o, fmt.Errorf("the agent %s was revoked", a.Name)
		case err == nil && text != nil:
			return read(a, text)
		}
		select {
		case <-ctx.Done():
			return o, fmt.Errorf("the agent %s did not answer in time", a.Name)
		case <-tick.C:
		}
	}
}

// read is evidence as a check takes it.
func read(a store.VantageAgent, text []byte) (o wire.Observation, err error) {
	var e vantage.Evidence
	if err = json.Unmarshal(text, &e); err == nil {
		o, err = e.Observation()
	}
	switch {
	case err != nil:
		return o, fmt.Errorf("the agent %s answered in a wrong form", a.Name)
	case e.Fault != "":
		return o, fmt.Errorf("the agent %s: %s", a.Name, wire.Bound(e.Fault))
	}
	return o, nil
}
