package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
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

// Looker has the agent of a name look, for a program that has a token of the API. It is [store.ErrNotFound] where there is none.
func Looker(s *store.Store) func(context.Context, vantage.Asked) (vantage.Seen, error) {
	return func(ctx context.Context, asked vantage.Asked) (seen vantage.Seen, err error) {
		all, err := s.VantageAgents(ctx)
		if err != nil {
			return seen, err
		}
		i := slices.IndexFunc(all, func(a store.VantageAgent) bool { return a.Name == asked.Agent && a.Enrolled })
		if i < 0 {
			return seen, store.ErrNotFound
		}
		text, err := wait(ctx, s, all[i], wire.Endpoint{Host: asked.Host, Port: asked.Port}, asked.Authinfo)
		if err == nil {
			_, err = read(all[i], text)
		}
		if err != nil {
			return seen, &NothingSeenError{err}
		}
		seen.Address = all[i].Address.String()
		return seen, json.Unmarshal(text, &seen.Evidence)
	}
}

// NothingSeenError is why an agent saw nothing: it is not there, or could not look.
type NothingSeenError struct{ Err error }

func (e *NothingSeenError) Error() string { return e.Err.Error() }

// ask has an agent look at a host and waits for what it saw. An error says why nothing could be seen from there.
func ask(ctx context.Context, s *store.Store, a store.VantageAgent, e wire.Endpoint, authinfo bool) (o wire.Observation, err error) {
	text, err := wait(ctx, s, a, e, authinfo)
	if err != nil {
		return o, err
	}
	return read(a, text)
}

// wait has an agent look at a host and waits for its evidence.
func wait(ctx context.Context, s *store.Store, a store.VantageAgent, e wire.Endpoint, authinfo bool) (o []byte, err error) {
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
			return text, nil
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
