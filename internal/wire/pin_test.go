package wire

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPins(t *testing.T) {
	got := map[string][]netip.Addr{}
	for _, entry := range []string{
		"ACME.halopsa.com:443:192.0.2.1", "acme.halopsa.com:443:[2001:db8::1]", "acme.halopsa.com:8443:192.0.2.2,192.0.2.3",
		"other.example:443:2001:db8::2", "[2001:db8::9]:443:192.0.2.9",
		"Bücher.example:443:192.0.2.7",
	} {
		if err := Pin(got, entry); err != nil {
			t.Fatal(err)
		}
	}
	at := netip.MustParseAddr
	want := map[string][]netip.Addr{
		"acme.halopsa.com:443":  {at("192.0.2.1"), at("2001:db8::1")},
		"acme.halopsa.com:8443": {at("192.0.2.2"), at("192.0.2.3")},
		"other.example:443":     {at("2001:db8::2")},
		"[2001:db8::9]:443":     {at("192.0.2.9")},

		"xn--bcher-kva.example:443": {at("192.0.2.7")},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestPinsRefuse(t *testing.T) {
	for _, typed := range []string{
		"", "acme", "acme:443", "acme:443:", ":443:192.0.2.1", "acme::192.0.2.1", "acme:0:192.0.2.1", "acme:99999:192.0.2.1",
		"acme:443:localhost", "acme:443:192.0.2", "acme:443:192.0.2.1,", "a\u00ad\u200d\u0378.example:443:192.0.2.1",
	} {
		if got := (map[string][]netip.Addr{}); Pin(got, typed) == nil {
			t.Errorf("%q is taken for %v", typed, got)
		}
	}
}
