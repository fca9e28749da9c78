package trust

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// limboCase is a case of x509-limbo's limbo.json, which holds BetterTLS's as well, below "bettertls::".
type limboCase struct {
	ID            string     `json:"id"`
	Trusted       []string   `json:"trusted_certs"`
	Intermediates []string   `json:"untrusted_intermediates"`
	Peer          string     `json:"peer_certificate"`
	Time          *time.Time `json:"validation_time"`
	Kind          string     `json:"validation_kind"`
	Expected      string     `json:"expected_result"`
	Name          *struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	} `json:"expected_peer_name"`
	MaxDepth *int `json:"max_chain_depth"`
}

// limboDifferences are known differences, by the beginning of the case's id, with the reason.
var limboDifferences = map[string]string{
	"crl::": "revocation is a question of its own: trust.revocation",
}

// skipped says why a case is no question for trust; empty: it is one.
func (c limboCase) skipped() string {
	switch {
	case c.Kind != "SERVER":
		return "it is about clients"
	case c.Name == nil || c.Name.Kind != "DNS" && c.Name.Kind != "IP":
		return "it names no server"
	case c.MaxDepth != nil:
		return "no client of HaloPSA sets a depth"
	}
	return ""
}

// accepts is what trust says of the case: whether path, name, dates and strength hold.
func (c limboCase) accepts() bool {
	der := func(text string) []byte {
		if block, _ := pem.Decode([]byte(text)); block != nil {
			return block.Bytes
		}
		return nil
	}
	now := time.Now()
	if c.Time != nil {
		now = *c.Time
	}
	roots := &wire.Roots{Pool: x509.NewCertPool()}
	for _, text := range c.Trusted {
		if root, err := x509.ParseCertificate(der(text)); err == nil {
			roots.Pool.AddCert(root)
			roots.Certs = append(roots.Certs, root)
		}
	}
	chain := Chain{Host: c.Name.Value, IP: net.ParseIP(c.Name.Value) != nil, Now: now, Sent: describeAll([][]byte{der(c.Peer)})}
	for _, text := range c.Intermediates {
		chain.Sent = append(chain.Sent, parseCert(der(text)))
	}
	// A case's intermediates are a set; in a server's list the order counts: see checkEditions.
	if path, err := verifyAt(chain.leaf(), chain.sentIssuers(), roots, now, x509.ExtKeyUsageServerAuth); err == nil {
		slices.SortStableFunc(chain.Sent[1:], func(a, b Cert) int { return position(path, a) - position(path, b) })
	}
	return chain.flaw(roots, true) == ""
}

// position is where a certificate stands in a path; behind it where it is not in it.
func position(path []*x509.Certificate, c Cert) int {
	if i := slices.IndexFunc(path, func(x *x509.Certificate) bool { return c.parsed != nil && x.Equal(c.parsed) }); i >= 0 {
		return i
	}
	return len(path)
}

// TestLimbo judges x509-limbo's and BetterTLS's cases with the path code. HALOCHECK_LIMBO names limbo.json, or the folder that
// holds it.
func TestLimbo(t *testing.T) {
	file := os.Getenv("HALOCHECK_LIMBO")
	if file == "" {
		t.Skip("HALOCHECK_LIMBO names no limbo.json (github.com/C2SP/x509-limbo): its cases are not judged")
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, "limbo.json")
	}
	judged, differ, unlisted := judgeLimbo(t, file)
	t.Logf("%d cases judged, %d differ:\n%s", judged, len(differ), strings.Join(differ, "\n"))
	if len(unlisted) > 0 {
		t.Errorf("%d differences are not listed:\n%s", len(unlisted), strings.Join(unlisted, "\n"))
	}
}

// judgeLimbo judges every case of a file, and tells which come out otherwise than expected.
func judgeLimbo(t *testing.T, file string) (judged int, differ, unlisted []string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []limboCase `json:"testcases"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		if c.skipped() != "" {
			continue
		}
		judged++
		if c.accepts() == (c.Expected == "SUCCESS") {
			continue
		}
		told := c.ID + ": expected " + c.Expected
		listed := false
		for prefix, why := range limboDifferences {
			if strings.HasPrefix(c.ID, prefix) {
				told, listed = told+" ("+why+")", true
			}
		}
		if differ = append(differ, told); !listed {
			unlisted = append(unlisted, told)
		}
	}
	return judged, differ, unlisted
}

// TestLimboReader reads a file of the same form, of cases whose results are known, and one that expects the opposite.
func TestLimboReader(t *testing.T) {
	root := forge(t, "Root", nil)
	issuing := forge(t, "Issuing", root)
	leaf := forge(t, "Server", issuing, server, func(c *x509.Certificate) { c.DNSNames = []string{"a.example"} })
	in := func(certs ...*forged) []string {
		texts := []string{}
		for _, c := range certs {
			texts = append(texts, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})))
		}
		return texts
	}
	entry := func(id, kind, name, expected string, intermediates []string, at string) map[string]any {
		e := map[string]any{
			"id": id, "features": []string{}, "validation_kind": kind, "expected_result": expected, "trusted_certs": in(root), "untrusted_intermediates": intermediates,
			"peer_certificate": in(leaf)[0], "expected_peer_name": map[string]string{"kind": "DNS", "value": name},
		}
		if at != "" {
			e["validation_time"] = at
		}
		return e
	}
	raw, err := json.Marshal(map[string]any{"version": 1, "testcases": []any{
		entry("own::complete", "SERVER", "a.example", "SUCCESS", in(issuing), ""),
		entry("own::incomplete", "SERVER", "a.example", "FAILURE", in(), ""),
		entry("own::name", "SERVER", "b.example", "FAILURE", in(issuing), ""),
		entry("own::long-after", "SERVER", "a.example", "FAILURE", in(issuing), "2199-01-01T00:00:00Z"),
		entry("own::client", "CLIENT", "a.example", "FAILURE", in(issuing), ""),
		entry("own::wrongly-expected", "SERVER", "a.example", "FAILURE", in(issuing), ""),
		entry("crl::revoked", "SERVER", "a.example", "FAILURE", in(issuing), ""),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "limbo.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	judged, differ, unlisted := judgeLimbo(t, file)
	if judged != 6 || len(differ) != 2 || !slices.Equal(unlisted, []string{"own::wrongly-expected: expected FAILURE"}) {
		t.Errorf("%d judged, %q differ, %q unlisted", judged, differ, unlisted)
	}
}
