package trust_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// portal is a network whose plain HTTP goes to a server of its own.
type portal struct{ plain string }

func (p portal) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if strings.HasSuffix(address, ":80") {
		address = p.plain
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// TestCaptivePortal accuses no server while the network asks for a sign-in first, and every server whose plain HTTP answers as
// servers do.
func TestCaptivePortal(t *testing.T) {
	accused := []string{"trust.name fail name_mismatch"}
	excused := []string{"trust.name unknown name_mismatch"}
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    []string
	}{
		"status 511":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNetworkAuthenticationRequired) }, excused},
		"a sign-in elsewhere": {to("http://wifi.example/guest/s/default/?ap=1&client_mac=2&url=http://" + labHost), excused},
		"a hotspot": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><!--<WISPAccessGatewayParam/>--></html>"))
		}, excused},
		"https of the host itself": {to("https://" + labHost + "/?ssid=x"), accused},
		"another site":             {to("https://www.example.test/"), accused},
		"a page":                   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("IIS")) }, accused},
	} {
		l := listen(t)
		start(t, l, c.handler)
		s := serve(t, "wrong-name").session(t, "off")
		s.Net.Dialer = portal{l.Addr().String()}
		found := look(t, s, plenty)
		if diff := cmp.Diff(c.want, flaws(found)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if f := found["trust.name"]; (len(c.want) > 0 && c.want[0] == excused[0]) != (f.Remedy.Who == "operator") {
			t.Errorf("%s: %s %+v", name, f.Because, f.Remedy)
		}
	}
}
