// Package vantage is the program at an egress address that looks at hosts for a server: a vantage agent, which is no agent of
// HaloPSA's. It asks the server for work over outbound HTTPS, knows four fixed steps (resolve, connect, handshake, anonymous
// /api/authinfo), and gets a host and a port, nothing else: no secret, no token of a customer's, no text to send. It judges
// nothing. Package server is the other side.
package vantage

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// Protocol is what both sides speak. A server refuses older ones.
const Protocol = 1

// The paths of a server.
const (
	EnrolPath    = "/vantage/v1/enrol"
	PollPath     = "/vantage/v1/poll"
	EvidencePath = "/vantage/v1/evidence"
)

// The verbs: how far an agent goes. Each includes those before it.
const (
	Handshake = "handshake" // resolve, connect, handshake
	Authinfo  = "authinfo"  // and GET /api/authinfo without credentials
)

// TokenPrefix is what an agent's own tokens begin with, EnrolmentPrefix those that it enrols with.
const (
	TokenPrefix     = "hca_"
	EnrolmentPrefix = "hce_"
)

// The bounds of the protocol.
const (
	MaxJobs     = 16       // under way at one agent
	MaxEvidence = 96 << 10 // bytes of one evidence
	maxBody     = 32 << 10 // bytes of an answer's body in it
	LongestPoll = 25 * time.Second
	// LookTime bounds one look.
	LookTime = 6 * time.Second
)

// Hello is what an agent says with each request.
type Hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	Token    string `json:"token,omitempty"` // its own, where it enrols; it made it
}

// Work is what a server answers a poll with.
type Work struct {
	Address string `json:"address"` // that the agent comes from
	Jobs    []Job  `json:"jobs"`
}

// Job is one host to look at.
type Job struct {
	ID   string `json:"id"`
	Verb string `json:"verb"`
	Host string `json:"host"`
	Port string `json:"port"`
	MS   int64  `json:"ms"` // for which the server waits
}

// Endpoint is the host; an error where it is none, or the verb is unknown.
func (j Job) Endpoint() (wire.Endpoint, error) {
	e := wire.Endpoint{Host: j.Host, Port: j.Port}
	host, err := wire.ASCII(j.Host)
	switch {
	case j.ID == "" || len(j.ID) > 64:
		return e, errors.New("the job has no ID")
	case j.Verb != Handshake && j.Verb != Authinfo:
		return e, fmt.Errorf("there is no verb %q", j.Verb)
	case err != nil || host != j.Host || host == "" || len(host) > 253 || strings.ContainsAny(host, "/\\@?#%[] \t\r\n"):
		return e, errors.New("the job names no host")
	case j.Port == "" || wire.CheckPort(j.Port) != nil:
		return e, errors.New("the job names no port")
	}
	return e, nil
}

// Evidence is what an agent saw.
type Evidence struct {
	ID   string `json:"id"` // of the job, whose verb, host and port stand beside it
	Verb string `json:"verb"`
	Host string `json:"host"`
	Port string `json:"port"`
	// Fault is why the agent could not look, such as no name server; it says nothing of the host.
	Fault  string              `json:"fault,omitempty"`
	Cause  string              `json:"cause,omitempty"` // why there was no answer
	Detail string              `json:"detail,omitempty"`
	Page   wire.Page           `json:"page,omitzero"`
	Header map[string][]string `json:"header,omitempty"` // of those in headers
	Body   []byte              `json:"body,omitempty"`
}

// headers are those of an answer that tell who sent it.
var headers = []string{
	"Cf-Mitigated", "Content-Type", "Date", "Location", "Retry-After", "Server", "Www-Authenticate", "X-Amzn-Waf-Action", "X-Azure-Ref", "X-Iinfo", "X-Sucuri-Id",
}

// causes are those of a connection: see [wire.Cause].
var causes = []string{
	"", "not_observed", "client_cert_required", "answer_malformed", "not_tls", "timeout", "connection_refused", "connection_reset", "connection_closed", "tls_alert", "tls_error",
}

// Observation is the evidence as a check takes it. It is an error where its form is wrong or its bounds are not kept.
func (e Evidence) Observation() (wire.Observation, error) {
	if _, err := (Job{ID: e.ID, Verb: e.Verb, Host: e.Host, Port: e.Port}).Endpoint(); err != nil {
		return wire.Observation{}, err
	}
	texts := []string{e.Fault, e.Detail, e.Page.Type, e.Page.Server, e.Page.Challenge, e.Page.Location, e.Page.RetryAfter}
	for name, values := range e.Header {
		if !slices.Contains(headers, name) || len(values) > 8 {
			return wire.Observation{}, fmt.Errorf("a header is none of those that are kept")
		}
		texts = append(texts, values...)
	}
	answered := e.Page.Status != 0
	switch {
	case slices.ContainsFunc(texts, func(t string) bool { return len(t) > wire.MaxText }), len(e.Body) > maxBody:
		return wire.Observation{}, errors.New("a part of it is too long")
	case !slices.Contains(causes, e.Cause):
		return wire.Observation{}, errors.New("its cause is none of a connection")
	case answered && (e.Page.Status < 100 || e.Page.Status > 999), answered && e.Cause != "", answered && e.Fault != "", answered && e.Verb != Authinfo,
		!answered && (len(e.Body) > 0 || len(e.Header) > 0), !answered && e.Cause == "" && e.Fault == "" && e.Verb == Authinfo:
		return wire.Observation{}, errors.New("its parts contradict each other")
	}
	o := wire.Observation{Page: e.Page, Cause: e.Cause, Detail: wire.Bound(e.Detail)}
	o.Page.Body, o.Page.Header = e.Body, http.Header(e.Header)
	if o.Page.Header == nil {
		o.Page.Header = http.Header{}
	}
	return o, nil
}
