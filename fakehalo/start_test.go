package fakehalo_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// token asks for one as a plain client would.
func token(t *testing.T, s *fakehalo.Server, scope string) (int, string) {
	t.Helper()
	c := s.Credentials
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {scope}}
	resp, err := s.Client().PostForm(strings.TrimSuffix(s.AuthURL, "/")+"/token?tenant="+c.Tenant, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestAHealthyInstanceGivesATokenAndKeepsNoSecret(t *testing.T) {
	s := fakehalo.Start()
	defer s.Close()
	status, body := token(t, s, "read:tickets")
	if status != http.StatusOK || !strings.Contains(body, `"scope":"read:tickets"`) {
		t.Fatalf("%d %s", status, body)
	}
	for _, r := range s.Requests() {
		for _, value := range r.Form {
			if strings.Contains(value, s.Credentials.ClientSecret) {
				t.Errorf("the journal holds the secret: %v", r)
			}
		}
	}
}

func TestEveryFaultStartsAlone(t *testing.T) {
	for _, f := range fakehalo.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			s, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{f}})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}

func TestTheNameThatClientsUseIsInUrlsAndCertificate(t *testing.T) {
	for _, row := range []struct{ addr, host, want string }{
		{"", "", "localhost"}, {"127.0.0.1:0", "", "localhost"}, {"127.0.0.7:0", "", "127.0.0.7"}, {"0.0.0.0:0", "", "localhost"},
		{"", "halo.test", "halo.test"}, {"", "127.0.0.1", "127.0.0.1"},
	} {
		s := serveWith(t, fakehalo.Options{Addr: row.addr, Host: row.host})
		at, err := url.Parse(s.URL)
		if err != nil || at.Hostname() != row.want || s.Credentials.AuthURL != s.URL+"/auth/" {
			t.Errorf("%+v: %s %s %v", row, s.URL, s.Credentials.AuthURL, err)
		}
		dial := row.addr
		if row.addr == "" {
			dial = "127.0.0.1"
		}
		dial, _, _ = strings.Cut(strings.Replace(dial, "0.0.0.0", "127.0.0.1", 1), ":")
		c, err := tls.Dial("tcp", dial+":"+at.Port(), &tls.Config{RootCAs: s.CAPool, ServerName: row.want, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Errorf("%+v: %v", row, err)
			continue
		}
		_ = c.Close()
	}
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	six, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	defer six.Close()
	_, port, _ := net.SplitHostPort(six.Addr().String())
	four := serveWith(t, fakehalo.Options{PlainHTTP: true})
	for addr, want := range map[string]string{
		"127.0.0.1:" + port:                        "[::1]:" + port + " is in use by another process, which clients of localhost would reach",
		strings.Split(four.AdminURL, "http://")[1]: strings.Split(four.AdminURL, "http://")[1] + " is in use by another process",
	} {
		if _, err := fakehalo.StartWith(fakehalo.Options{Addr: addr}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if four.CAFile != "" {
		t.Errorf("without TLS there is a root: %s", four.CAFile)
	}
}

// TestHealthAndRoots: a container's health is asked by any name, and its clients get the roots without its file system. Where no
// file can be written for them, as on a read-only file system, the fake serves all the same.
func TestHealthAndRoots(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		if readOnly {
			nowhere := t.TempDir() + "/nowhere"
			t.Setenv("TMPDIR", nowhere)
			t.Setenv("TMP", nowhere)
		}
		s := fakehalo.Start()
		get := func(path, host string) (int, string) {
			t.Helper()
			r, err := http.NewRequest(http.MethodGet, s.AdminURL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(body)
		}
		if status, body := get("/health", "fake"); status != 200 || body != "{\"status\":\"ok\"}\n" {
			t.Errorf("health: %d %s", status, body)
		}
		if status, _ := get("/ca.pem", "foreign.example"); status != http.StatusForbidden {
			t.Errorf("roots by a foreign name: %d", status)
		}
		status, pem := get("/ca.pem", "")
		pool := x509.NewCertPool()
		if status != 200 || !pool.AppendCertsFromPEM([]byte(pem)) || !pool.Equal(s.CAPool) {
			t.Errorf("roots: %d %s", status, pem)
		}
		if (s.CAFile == "") != readOnly {
			t.Errorf("read-only %v: the file is %q", readOnly, s.CAFile)
		}
		s.Close()
	}
}
