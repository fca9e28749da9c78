package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// TestNamesakesEnd looks for a path among a hundred authorities with one name and one key: each certifies every other, so
// that there are more paths than anybody can walk.
func TestNamesakesEnd(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	c := Chain{Host: "halo.example.test", Now: now}
	for serial := range int64(100) {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial + 1), Subject: pkix.Name{CommonName: "Everybody"},
			NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 1, 0), IsCA: true, BasicConstraintsValid: true,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c.Sent = append(c.Sent, parseCert(der))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.LeafIndex = leafPosition(c.Sent, c.Host)
		c.buildAndVerify(&wire.Roots{Pool: x509.NewCertPool()})
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the walk does not end")
	}
	if v := judgeChain(c); v.Status != probes.Failed || v.Cause != probes.ChainTooLong {
		t.Errorf("%s %s: %s", v.Status, v.Cause, v.Because)
	}
	if _, ok := c.FixedPEM(); ok {
		t.Error("a chain is handed over that no root stands behind")
	}
}
