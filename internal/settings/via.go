package settings

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// agentPrefix is what a vantage point begins with that is an agent of a halocheckd.
const agentPrefix = "halocheckd:"

// applyVia takes the vantage points: proxies, and agents of a halocheckd, whose token is read before anything is asked.
func applyVia(ctx context.Context, a *Arguments, s Setting) error {
	var server *url.URL
	var token secret.Text
	for _, typed := range a.List(s.Name) {
		agent, isAgent := strings.CutPrefix(typed, agentPrefix)
		if !isAgent {
			name, value, _ := strings.Cut(typed, "=")
			a.add(halocheck.WithVantage(name, value))
			continue
		}
		if strings.TrimSpace(agent) == "" {
			return &halocheck.SettingError{Setting: s.Name, Value: typed, Problem: errors.New("it needs the name of an agent, as in halocheckd:egress-1")}
		}
		if server == nil {
			var err error
			if server, token, err = a.halocheckd(ctx); err != nil {
				return err
			}
		}
		a.add(halocheck.WithSession(func(session *probes.Session) {
			remote := &vantage.Remote{Server: server, Token: token, Client: clientOf(session.Net)}
			session.Vantages = append(session.Vantages, probes.Vantage{Name: typed, Look: func(ctx context.Context, e wire.Endpoint, authinfo bool) (wire.Observation, error) {
				return remote.Look(ctx, agent, e, authinfo)
			}})
		}))
	}
	return nil
}

// halocheckd is the server whose agents look, and the token of its API.
func (a *Arguments) halocheckd(ctx context.Context) (server *url.URL, token secret.Text, err error) {
	typed := a.Text("halocheckd")
	if typed == "" {
		return nil, token, &halocheck.SettingError{Setting: "via", Problem: errors.New("an agent of a halocheckd is named, and no halocheckd; set HALOCHECKD_URL")}
	}
	if server, err = vantage.CheckServer(typed); err != nil {
		return nil, token, &halocheck.SettingError{Setting: "halocheckd", Problem: err}
	}
	text, found, err := a.source.Read(ctx, a.Text("halocheckd-token-file"), "HALOCHECKD_TOKEN")
	if err == nil && !found {
		err = errors.New("a halocheckd wants a token of its API; name a file that holds it, or set HALOCHECKD_TOKEN")
	}
	if err != nil {
		return nil, token, &halocheck.SettingError{Setting: "halocheckd-token-file", Problem: err}
	}
	return server, secret.New(strings.TrimSpace(text)), nil
}

// clientOf asks a halocheckd as the check asks: through its proxy, and with the roots that it trusts.
func clientOf(n *wire.Net) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: func(req *http.Request) (*url.URL, error) {
				if n.Proxy == nil {
					return nil, nil //nolint:nilnil // none, as net/http has it
				}
				port := req.URL.Port()
				if port == "" {
					port = map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
				}
				return n.Proxy(wire.Endpoint{Host: req.URL.Hostname(), Port: port}), nil
			},
			TLSClientConfig:   &tls.Config{RootCAs: n.Roots.Pool, MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
