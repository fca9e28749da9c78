package trust_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// clocked is a session with a site whose clock is right, on a machine whose clock is off, or the other way round.
func clocked(t *testing.T, machine, server time.Duration, faults ...string) *probes.Session {
	t.Helper()
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}, faults...)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	config := m.TLS.Clone()
	config.NextProtos = []string{"http/1.1"}
	start(t, tls.NewListener(l, config), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(server).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte(`{"auth_url": "https://` + labHost + `/auth", "tenant_id": "acme"}`))
	}))
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s := site{material: m, host: labHost, port: port}.session(t, "off")
	s.Clock = func() time.Time { return time.Now().Add(machine) }
	s.Net.Now = s.Clock
	return s
}

// TestTwoClocks accuses no certificate that is in date by the server's clock, and tells of the difference wherever it is
// known.
func TestTwoClocks(t *testing.T) {
	const day = 24 * time.Hour
	type told struct{ InDate, Renewal, Because string }
	for name, c := range map[string]struct {
		machine, server time.Duration
		faults          []string
		want            told
	}{
		"this machine is years ahead":        {3 * 365 * day, 0, nil, told{"unknown expired operator", "pass ok", "this machine's clock is 1095 days ahead of the server's, by which that is not so"}},
		"this machine is years behind":       {-3 * 365 * day, 0, nil, told{"unknown not_yet_valid operator", "pass ok", "this machine's clock is 1095 days behind the server's, by which that is not so"}},
		"both are right, and it has ended":   {0, 0, []string{"expired"}, told{"fail expired network-admin", "pass ok", "ago"}},
		"two hours, and it has ended anyway": {2 * time.Hour, 0, []string{"expired"}, told{"fail expired network-admin", "pass ok", "; this machine's clock is 2 hours ahead of the server's"}},
		"the server is behind, and it holds": {0, -3 * time.Hour, nil, told{"pass ok", "pass ok", "; this machine's clock is 3 hours ahead of the server's"}},
		"the server is ahead, and it holds":  {0, 3 * time.Hour, nil, told{"pass ok", "pass ok", "; this machine's clock is 3 hours behind the server's"}},
		"they agree":                         {0, time.Minute, nil, told{"pass ok", "pass ok", "valid until"}},
		"near its end by the wrong clock":    {45 * day, 0, nil, told{"pass ok", "unknown near_expiry operator", "; this machine's clock is 45 days ahead of the server's"}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), plenty)
		s := clocked(t, c.machine, c.server, c.faults...)
		found := map[string]probes.Finding{}
		for f := range probes.Run(ctx, s, append(trust.Resource.Checks(), product.Answers)) {
			found[f.ID] = f
		}
		cancel()
		inDate := found["trust.in-date"]
		got := told{verdict(inDate), verdict(found["trust.renewal"]), c.want.Because}
		if !strings.Contains(inDate.Because, c.want.Because) {
			got.Because = inDate.Because
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// verdict is a finding in words: status, cause and who acts.
func verdict(f probes.Finding) string {
	words := string(f.Status) + " " + string(f.Cause)
	if f.Remedy != nil {
		words += " " + string(f.Remedy.Who)
	}
	return words
}

// TestOldListAndClock tells of the clocks where a revocation list is too old by this machine's.
func TestOldListAndClock(t *testing.T) {
	s := serve(t, "revoked-crl").session(t, "private")
	s.Clock = func() time.Time { return time.Now().Add(20 * 24 * time.Hour) }
	s.Net.Now = s.Clock
	f := look(t, s, plenty)["trust.revocation"]
	if verdict(f) != "pass ok" || !strings.HasSuffix(f.Because, "; this machine's clock is 20 days ahead of the server's") {
		t.Errorf("%s: %s", verdict(f), f.Because)
	}
}
