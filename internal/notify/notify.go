// Package notify tells a webhook what changed: one JSON document, no secret, tried three times.
package notify

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// SchemaFile is the JSON Schema of a notice.
//
//go:embed schema.json
var SchemaFile []byte

// Schema is the version of the document; fields are only added.
const Schema = "halocheck.notice/v1"

// Notice is what a webhook gets. What changed comes first.
type Notice struct {
	Schema  string         `json:"schema"`
	Changes []Change       `json:"changes"` // what changed, the worst first
	Text    string         `json:"text"`    // the same in one sentence, which chats show
	Target  string         `json:"target"`  // the instance, or the fleet's inventory
	Outcome probes.Outcome `json:"outcome,omitempty"`
	Open    []string       `json:"open"`            // IDs of what to fix first
	Counts  map[string]int `json:"counts"`          // findings by status, or instances by outcome
	Tool    string         `json:"tool"`            // the version of halocheck
	Time    time.Time      `json:"time"`            // of this notice
	Shard   string         `json:"shard,omitempty"` // of a fleet: the part that was checked
}

// Change is one requirement of one instance.
type Change struct {
	Kind     string       `json:"kind"` // broken, unjudged or fixed
	Instance string       `json:"instance"`
	ID       string       `json:"id"`
	Host     string       `json:"host,omitempty"`
	Cause    probes.Cause `json:"cause,omitempty"`
}

// Parse reads what --notify takes. The address is a secret of the chat's, so no error repeats it.
func Parse(typed string) (address string, err error) {
	kind, address, ok := strings.Cut(typed, "=")
	if !ok || kind != "webhook" {
		return "", errors.New("it looks like webhook=https://chat.example.com/hook")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("the address of the webhook is no http or https URL; it is not repeated, since it may hold a secret")
	}
	return address, nil
}

// Check refuses what is no webhook.
func Check(typed []string) error {
	for _, t := range typed {
		if _, err := Parse(t); err != nil {
			return err
		}
	}
	return nil
}

// addressTime bounds the telling of one webhook, well above three tries.
const addressTime = 40 * time.Second

// SendAll tells every webhook, as [Parse] reads them. A notice that could not be sent is told, and keeps none of the others back.
func SendAll(ctx context.Context, typed []string, n Notice, tell func(error)) {
	for _, t := range typed {
		address, err := Parse(t)
		if err == nil {
			each, cancel := context.WithTimeout(ctx, addressTime)
			err = Send(each, address, n)
			cancel()
		}
		if err != nil {
			tell(err)
		}
	}
}

// attempts and pause are how often a notice is tried, and how long after the first failure it is tried again.
const attempts = 3

var pause = time.Second

// Send sends a notice, and tries three times. Redirects are not followed. The error names the host alone.
func Send(ctx context.Context, address string, n Notice) error {
	body, err := safetext.JSON(n, "")
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for try := 1; ; try++ {
		err := post(ctx, client, address, body)
		if err == nil {
			return nil
		}
		if try == attempts || ctx.Err() != nil {
			host := ""
			if u, err := url.Parse(address); err == nil {
				host = u.Host
			}
			return fmt.Errorf("the notice to %s was not sent: %w", host, err)
		}
		select {
		case <-time.After(pause << (try - 1)):
		case <-ctx.Done():
		}
	}
}

func post(ctx context.Context, client *http.Client, address string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("its address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		var wrapped *url.Error // it repeats the address
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode >= 300 {
		return fmt.Errorf("it answers with status %d", resp.StatusCode)
	}
	return nil
}
