package trust_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// TestServedForAnyName tells a default site from a certificate that is bound to this name and is for another one: it asks
// without a name and under a strange one, and both have to show the same.
func TestServedForAnyName(t *testing.T) {
	const none, strange = "", "halocheck.invalid"
	for name, c := range map[string]struct {
		shownFor []string
		refuses  bool // the other names are refused, rather than shown another certificate
		want     bool
	}{
		"for any name":                 {[]string{labHost, none, strange}, false, true},
		"for this one alone":           {[]string{labHost}, false, false},
		"for this one and for none":    {[]string{labHost, none}, false, false},
		"for all names, not for none":  {[]string{labHost, strange}, false, false},
		"for this one, others refused": {[]string{labHost}, true, false},
	} {
		wrong, err := pki.Make(pki.Site{Hosts: []string{labHost}}, "wrong-name")
		if err != nil {
			t.Fatal(err)
		}
		other, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		hello := &tls.ClientHelloInfo{ServerName: labHost}
		own, err := wrong.TLS.GetCertificate(hello)
		if err != nil {
			t.Fatal(err)
		}
		another, err := other.TLS.GetCertificate(hello)
		if err != nil {
			t.Fatal(err)
		}
		wrong.TLS.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			switch {
			case slices.Contains(c.shownFor, hello.ServerName):
				return own, nil
			case c.refuses:
				return nil, errors.New("nobody of that name")
			}
			return another, nil
		}
		f := look(t, open(t, wrong).session(t, "off"), plenty)["trust.name"]
		if f.Cause != probes.NameMismatch || strings.Contains(f.Because, "sends it for every name") != c.want {
			t.Errorf("%s: %s: %s", name, f.Cause, f.Because)
		}
	}
}

// TestOnlyARefusalInsists passes a server that asks for a client certificate where silence, or a page that is served all
// the same, is all that follows: neither is a refusal.
func TestOnlyARefusalInsists(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"silence": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a page about certificates": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			_, _ = io.WriteString(w, "How to install your SSL certificate")
		},
	} {
		m, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		config := m.TLS.Clone()
		config.ClientAuth, config.NextProtos = tls.RequestClientCert, []string{"http/1.1"}
		l := listen(t)
		start(t, tls.NewListener(l, config), answer)
		s := site{material: m, host: labHost}
		_, s.port, _ = net.SplitHostPort(l.Addr().String())
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		session := s.session(t, "off")
		if h, err := probes.Look(ctx, session, trust.Resource.Handshake.Given); err != nil || h.Cause != "" || !h.ClientCertRequested {
			t.Errorf("%s: %q %s, %v", name, h.Cause, h.Detail, err)
		}
	}
}

// TestUnreadableEntryIsNamed says which entry of the list cannot be read, and why.
func TestUnreadableEntryIsNamed(t *testing.T) {
	f := look(t, serve(t, "bad-certificate").session(t, "off"), plenty)["trust.chain"]
	if !regexp.MustCompile(`entry 3 of the 3 that the server sent as certificates cannot be read: malformed certificate$`).MatchString(f.Because) {
		t.Errorf("%s: %s", f.Cause, f.Because)
	}
}
