package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/halocheck/halocheck/internal/netaddr"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

// maxFetch is how many bytes of an issuer or an OCSP answer are read: tls.md §10.
const maxFetch = 1 << 20

// errPrivateAddress is the refusal to ask where a certificate must not send anybody.
var errPrivateAddress = errors.New("the address is not public, and asking it was not allowed")

// fetcher asks the addresses that certificates name: issuers, OCSP responders and revocation lists.
type fetcher struct {
	aia   string                                // Options.AIA
	proxy func(endpoint wire.Endpoint) *url.URL // as wire.Net has it; nil: none
}

// fetcherOf is the fetcher of a session.
func fetcherOf(s *probes.Session) fetcher {
	return fetcher{aia: probes.Local[Options](s).AIA, proxy: s.Net.Proxy}
}

// private tells whether private and loopback addresses are asked too.
func (f fetcher) private() bool { return f.aia == "private" }

// fetch gets a small body. What it says is signed, which is the proof of it, so the connection need not be.
func (f fetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	return f.fetchWith(ctx, http.MethodGet, address, nil)
}

// fetchWith is fetch with a question for an OCSP responder.
func (f fetcher) fetchWith(ctx context.Context, method, address string, question []byte) ([]byte, error) {
	body, err := f.request(ctx, method, address, question)
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
func (f fetcher) fetchCRL(ctx context.Context, address string, read func([]byte)) error {
	body, err := f.request(ctx, http.MethodGet, address, nil)
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
func (f fetcher) request(ctx context.Context, method, address string, question []byte) (*answerBody, error) {
	client, err := f.client(address)
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
		if forbidden := forbiddenAddress(err); forbidden != nil {
			return nil, forbidden
		}
		return nil, errors.New(wire.Describe(err))
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return &answerBody{resp.Body, resp.ContentLength}, nil
}

// forbiddenAddress is the refusal of [netaddr.Check] in an error, as it is told; nil where the error is another one.
func forbiddenAddress(err error) error {
	switch {
	case errors.Is(err, netaddr.ErrPrivate):
		return errPrivateAddress
	case errors.Is(err, netaddr.ErrReserved):
		return netaddr.ErrReserved
	}
	return nil
}

// client is a client for http and https on the addresses that [netaddr.Check] allows.
func (f fetcher) client(address string) (*http.Client, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("only http and https are asked")
	}
	dialer := &net.Dialer{Timeout: aiaTimeout, Control: netaddr.Control(f.private())}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxResponseHeaderBytes: 16 << 10, DisableKeepAlives: true}
	check := func(*url.URL) error { return nil }
	if through := f.proxyOf(u); through != nil {
		// The proxy is where the user said it is, and it looks the names up: of those, only what they say can be judged.
		transport.Proxy, transport.DialContext = http.ProxyURL(through), nil
		check = func(to *url.URL) error { return f.allowedName(to.Hostname()) }
	}
	if err := check(u); err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > 2 {
				return errors.New("too many redirects")
			}
			return check(next.URL)
		},
	}, nil
}

// proxyOf is the proxy for an address; nil where there is none.
func (f fetcher) proxyOf(u *url.URL) *url.URL {
	if f.proxy == nil {
		return nil
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return f.proxy(wire.Endpoint{Host: u.Hostname(), Port: port})
}

// allowedName refuses an address that is not public, and a name that only an internal network has.
func (f fetcher) allowedName(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return forbiddenAddress(netaddr.Check(addr, f.private()))
	}
	if !f.private() && network.InternalName(host) {
		return errPrivateAddress
	}
	return nil
}
