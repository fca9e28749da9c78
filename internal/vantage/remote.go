package vantage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
)

// LooksPath is where a halocheckd has one of its agents look for a program that has a token of its API.
const LooksPath = "/api/looks"

// remoteTime bounds one look through a halocheckd, which waits for its agent.
const remoteTime = 15 * time.Second

// Asked is what such a program asks for.
type Asked struct {
	Agent    string `json:"agent"`
	Host     string `json:"host"`
	Port     string `json:"port"`
	Authinfo bool   `json:"authinfo,omitempty"` // and not a handshake alone
}

// Verb is how far the agent goes.
func (a Asked) Verb() string {
	if a.Authinfo {
		return Authinfo
	}
	return Handshake
}

// Seen is what it gets.
type Seen struct {
	Address  string   `json:"address"` // that the agent comes from, as the server sees it
	Evidence Evidence `json:"evidence"`
}

// Remote is a halocheckd whose agents look for this program.
type Remote struct {
	Server *url.URL
	Token  secret.Text // of its API
	Client *http.Client
}

// Look has the agent of a name look at a host. An error says why nothing could be seen from there.
func (r *Remote) Look(ctx context.Context, agent string, e wire.Endpoint, authinfo bool) (o wire.Observation, err error) {
	ctx, cancel := context.WithTimeout(ctx, remoteTime)
	defer cancel()
	asked := Asked{agent, e.Host, e.Port, authinfo}
	body, err := json.Marshal(asked)
	if err != nil {
		return o, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Server.JoinPath(LooksPath).String(), bytes.NewReader(body))
	if err != nil {
		return o, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.Client.Do(req)
	if err != nil {
		return o, fmt.Errorf("halocheckd does not answer: %s", wire.Describe(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 2*MaxEvidence))
	if err != nil {
		return o, fmt.Errorf("halocheckd does not answer: %s", wire.Describe(err))
	}
	if resp.StatusCode != http.StatusOK {
		return o, refusal(resp.StatusCode, text, r.Token.Reveal())
	}
	var seen Seen
	if err := json.Unmarshal(text, &seen); err != nil {
		return o, errors.New("its answer is not that of a halocheckd")
	}
	address, err := netip.ParseAddr(seen.Address)
	if err == nil {
		o, err = seen.Evidence.Observation()
	}
	if got := seen.Evidence; err != nil || got.Fault != "" || got.Host != e.Host || got.Port != e.Port || got.Verb != asked.Verb() {
		return wire.Observation{}, errors.New("its answer is not about what was asked")
	}
	o.From = address.Unmap().String()
	return o, nil
}

// refusal is why a halocheckd had nobody look, in its own words where it has some.
func refusal(status int, text []byte, token string) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil || said.Error == "" {
		return fmt.Errorf("it answers with status %d, as no halocheckd does", status)
	}
	return errors.New(wire.Cut(strings.ReplaceAll(said.Error, token, "…")))
}
