package vantage

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/halocheck/halocheck/internal/wire"
)

// Agent looks for one server.
type Agent struct {
	Server   *url.URL
	Token    string         // its own
	CA       *x509.CertPool // that the server's certificate is verified by; nil: the system's
	Source   netip.Addr     // that it connects from; the zero value: as the system chooses
	Private  bool           // it looks at private addresses, too
	Version  string
	Resolver wire.Resolver
	Roots    *wire.Roots
	Tell     func(error) // what it goes on after

	once   sync.Once
	client *http.Client

	mu   sync.Mutex
	jobs map[string]time.Time // those that it has begun, and when they can be forgotten
}

// RefusedError is a server's refusal that no repetition changes: the token was revoked, the address or the version is wrong.
type RefusedError struct{ Sentence string }

func (e *RefusedError) Error() string { return e.Sentence }

// CheckServer refuses what is no server's URL. Plain HTTP is for this machine alone.
func CheckServer(typed string) (*url.URL, error) {
	u, err := url.Parse(typed)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("it is no address of a server, such as https://halocheck.example")
	}
	a, err := netip.ParseAddr(u.Hostname())
	if u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && a.IsLoopback()) || u.Scheme == "https" {
		return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
	}
	return nil, errors.New("it has to start with https://, since a token goes there")
}

// Enrol exchanges the token of an enrolment for the agent's own, which the caller made and has kept already.
func (a *Agent) Enrol(ctx context.Context, enrolment string) error {
	return a.persist(ctx, time.Time{}, func() error {
		return a.post(ctx, EnrolPath, enrolment, Hello{Protocol, a.Version, a.Token}, nil)
	})
}

// Run looks until ctx ends, or until the server refuses for good.
func (a *Agent) Run(ctx context.Context) error {
	a.jobs = map[string]time.Time{}
	var looks sync.WaitGroup
	defer looks.Wait()
	turns := make(chan struct{}, MaxJobs)
	for ctx.Err() == nil {
		var work Work
		err := a.persist(ctx, time.Time{}, func() error {
			work = Work{}
			return a.post(ctx, PollPath, a.Token, Hello{Protocol: Protocol, Version: a.Version}, &work)
		})
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			return err
		}
		seenAs, err := netip.ParseAddr(work.Address)
		if err != nil || len(work.Jobs) > MaxJobs {
			a.Tell(errors.New("the server's answer has a wrong form"))
			wait(ctx, time.Second)
			continue
		}
		for _, j := range work.Jobs {
			e, err := j.Endpoint()
			if err != nil {
				a.Tell(fmt.Errorf("a job is left alone: %w", err))
				continue
			}
			if !a.begin(j) {
				continue
			}
			select {
			case turns <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			looks.Go(func() {
				defer func() { <-turns }()
				a.work(ctx, j, e, seenAs)
			})
		}
	}
	return nil
}

// work looks and sends what it saw, for as long as the server waits for it.
func (a *Agent) work(ctx context.Context, j Job, e wire.Endpoint, seenAs netip.Addr) {
	until := time.Now().Add(time.Duration(min(max(j.MS, 0), time.Minute.Milliseconds())) * time.Millisecond)
	seen := a.look(ctx, j, e, seenAs.Unmap())
	if ctx.Err() != nil {
		return // its end may have cut the look short
	}
	err := a.persist(ctx, until, func() error { return a.post(ctx, EvidencePath, a.Token, seen, nil) })
	if err != nil && ctx.Err() == nil {
		a.Tell(fmt.Errorf("the server did not take what was seen of %s: %w", e, err))
	}
}

// begin tells whether a job is a new one.
func (a *Agent) begin(j Job) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for id, until := range a.jobs {
		if until.Before(now) {
			delete(a.jobs, id)
		}
	}
	if _, known := a.jobs[j.ID]; known {
		return false
	}
	a.jobs[j.ID] = now.Add(time.Minute)
	return true
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// persist asks again while the server cannot be reached, until a moment; the zero value: without an end. The first failure and
// its end are told.
func (a *Agent) persist(ctx context.Context, until time.Time, ask func() error) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 15*time.Second
	told := false
	for {
		err := ask()
		var refused *RefusedError
		if err == nil || errors.As(err, &refused) || ctx.Err() != nil || !until.IsZero() && time.Now().After(until) {
			if told && err == nil {
				a.Tell(errors.New("the server is there again"))
			}
			return err
		}
		if !told {
			a.Tell(fmt.Errorf("the server does not answer; it is asked again: %w", err))
			told = true
		}
		wait(ctx, pause.NextBackOff())
	}
}

// post sends one request. An answer of 4xx is a [RefusedError] with the server's sentence, apart from 408 and 429.
func (a *Agent) post(ctx context.Context, path, token string, sent, into any) error {
	a.once.Do(func() {
		// No proxy: the server tells the agent by the address that it comes from.
		dial := a.dialer()
		dial.Control, dial.Timeout = nil, 10*time.Second // the owner named the server
		a.client = &http.Client{
			Transport: &http.Transport{
				DialContext: dial.DialContext, TLSClientConfig: &tls.Config{RootCAs: a.CA, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 10 * time.Second,
				IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 32 << 10, ForceAttemptHTTP2: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	body, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, LongestPoll+15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Server.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", a.userAgent())
	resp, err := a.client.Do(req)
	if err != nil {
		return errors.New(wire.Describe(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	switch {
	case err != nil:
		return errors.New(wire.Describe(err))
	case resp.StatusCode/100 == 2:
		if into == nil {
			return nil
		}
		if err := json.Unmarshal(text, into); err != nil {
			return errors.New("its answer is not that of a halocheck server")
		}
		return nil
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusRequestTimeout && resp.StatusCode != http.StatusTooManyRequests:
		var said struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(text, &said) != nil || said.Error == "" {
			return fmt.Errorf("it answers with status %d, as no halocheck server does", resp.StatusCode) // maybe a proxy before it
		}
		return &RefusedError{wire.Cut(said.Error)}
	}
	return fmt.Errorf("status %d", resp.StatusCode)
}

func (a *Agent) userAgent() string { return "halocheck/" + a.Version }

// Close ends the connections that are kept.
func (a *Agent) Close() {
	if a.client != nil {
		a.client.CloseIdleConnections()
	}
}
