package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/halocheck/halocheck/internal/netaddr"
	"github.com/halocheck/halocheck/internal/wire"
)

// maxFetch is how many bytes of an issuer or an OCSP answer are read: tls.md §10.
const maxFetch = 1 << 20

// errPrivateAddress is the refusal to ask where a certificate must not send anybody.
var errPrivateAddress = errors.New("the address is not public (--aia private would ask it)")

// fetch gets a small body. What it says is signed, which is the proof of it, so the connection need not be.
func fetch(ctx context.Context, address string, private bool) ([]byte, error) {
	return fetchWith(ctx, http.MethodGet, address, nil, private)
}

// fetchWith is fetch with a question for an OCSP responder.
func fetchWith(ctx context.Context, method, address string, question []byte, private bool) ([]byte, error) {
	body, err := request(ctx, method, address, question, private)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxFetch+1))
	switch {
	case err != nil:
		return nil, errors.New(wire.Describe(err))
	case len(content) > maxFetch:
		return nil, errors.New("it is longer than 1 MiB")
	}
	return content, nil
}

// maxCRL is how long a revocation list may be; those of public authorities reach several MiB (tls-clients.md §4).
const maxCRL = 16 << 20

// largeCRLs are the turns for revocation lists that are longer than maxFetch: a fleet's checks hold two at once, which
// bounds the memory.
var largeCRLs = make(chan struct{}, 2)

// fetchCRL gets a revocation list and has it read.
func fetchCRL(ctx context.Context, address string, private bool, read func([]byte)) error {
	body, err := request(ctx, http.MethodGet, address, nil, private)
	if err != nil {
		return err
	}
	defer body.Close()
	var content bytes.Buffer
	n, err := content.ReadFrom(io.LimitReader(body, maxFetch))
	if err == nil && n == maxFetch {
		select {
		case largeCRLs <- struct{}{}:
			defer func() { <-largeCRLs }()
		case <-ctx.Done():
			return errors.New(wire.Describe(ctx.Err()))
		}
		if length := body.length - maxFetch; length > 0 && length <= maxCRL {
			content.Grow(int(length) + bytes.MinRead)
		}
		_, err = content.ReadFrom(io.LimitReader(body, maxCRL-maxFetch+1))
	}
	switch {
	case err != nil:
		return errors.New(wire.Describe(err))
	case content.Len() > maxCRL:
		return errors.New("it is longer than 16 MiB")
	}
	read(content.Bytes())
	return nil
}

// answerBody is the body of an answer, with its length where the server says so, else -1.
type answerBody struct {
	io.ReadCloser
	length int64
}

// request sends a request to an address that a certificate names.
func request(ctx context.Context, method, address string, question []byte, private bool) (*answerBody, error) {
	client, err := newFetchClient(address, private)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	if len(question) > 0 {
		req.Header.Set("Content-Type", "application/ocsp-request")
	}
	resp, err := client.Do(req)
	if err != nil {
		if errors.Is(err, netaddr.ErrPrivate) {
			return nil, errPrivateAddress
		}
		if errors.Is(err, netaddr.ErrReserved) {
			return nil, netaddr.ErrReserved
		}
		return nil, errors.New(wire.Describe(err))
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return &answerBody{resp.Body, resp.ContentLength}, nil
}

// newFetchClient is a client for http and https on the addresses that [netaddr.Check] allows.
func newFetchClient(address string, private bool) (*http.Client, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("only http and https are asked")
	}
	dialer := &net.Dialer{Timeout: aiaTimeout, Control: netaddr.Control(private)}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxResponseHeaderBytes: 16 << 10, DisableKeepAlives: true},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > 2 {
				return errors.New("too many redirects")
			}
			return nil
		},
	}, nil
}
