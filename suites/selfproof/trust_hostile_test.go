package selfproof_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"os/exec"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/hostile"
	reports "github.com/halocheck/halocheck/internal/report"
)

// trustMemory is what looking at a hostile peer's certificates may cost, in bytes, of the whole process.
const trustMemory = 32 << 20

// trustPeer is a hostile peer, and what is to be said of it.
type trustPeer struct {
	name, id, cause string
	start           func() (url, caFile string, stop func(), err error)
}

// trustPeers are the peers that issue 4 names, and their kin.
func trustPeers() []trustPeer {
	raw := func(behave hostile.Behaviour) func() (string, string, func(), error) {
		return func() (string, string, func(), error) {
			s, err := hostile.Start(hostile.None, nil, behave, nil)
			if err != nil {
				return "", "", nil, err
			}
			return s.URL, s.CAFile, s.Close, nil
		}
	}
	faulty := func(name string) func() (string, string, func(), error) {
		return func() (string, string, func(), error) {
			faults, err := fakehalo.Named(name)
			if err != nil {
				return "", "", nil, err
			}
			s, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
			if err != nil {
				return "", "", nil, err
			}
			return s.URL, s.CAFile, s.Close, nil
		}
	}
	return []trustPeer{
		{"silence", "trust.handshake", "timeout", raw(hostile.TCP["silence"])},
		{"one byte a second", "trust.handshake", "timeout", faulty("drip")},
		{"garbage", "trust.handshake", "not_tls", raw(hostile.TCP["endless-junk"])},
		{"a 16 MiB message", "trust.handshake", "tls_error", raw(hostile.TLS["giant-message"])},
		{"records beyond all bounds", "trust.handshake", "tls_error", raw(hostile.TLS["giant-record"])},
		{"100 certificates", "trust.chain", "chain_too_long", hundred(0, 0)},
		{"100 of 2 KiB each", "trust.chain", "chain_too_long", hundred(2<<10, 0)},
		{"900 KiB in TLS 1.2", "trust.chain", "chain_too_long", hundred(9<<10, tls.VersionTLS12)},
		{"300 KiB of certificates", "trust.chain", "chain_too_long", faulty("chain-too-large")},
		{"an endless AIA body", "trust.chain", "unknown_issuer", faulty("aia-endless")},
		{"an AIA loop", "trust.chain", "unknown_issuer", faulty("aia-loop")},
	}
}

// hundred serves a hundred authorities of one name and one key, so that each certifies every other, padded by so many
// bytes; version is the newest of TLS, 0 for any.
func hundred(padding int, version uint16) func() (string, string, func(), error) {
	return func() (string, string, func(), error) { return serveHundred(padding, version) }
}

func serveHundred(padding int, version uint16) (string, string, func(), error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", nil, err
	}
	pair := tls.Certificate{PrivateKey: key}
	for serial := range int64(100) {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial + 1), Subject: pkix.Name{CommonName: "Everybody"}, DNSNames: []string{"localhost"},
			NotBefore: time.Now().AddDate(0, -1, 0), NotAfter: time.Now().AddDate(0, 1, 0), IsCA: true, BasicConstraintsValid: true,
			ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 2}, Value: make([]byte, padding)}},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			return "", "", nil, err
		}
		pair.Certificate = append(pair.Certificate, der)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: version})
	if err != nil {
		return "", "", nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 1)) // shakes hands
			}()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String()) // made by the listener
	return "https://localhost:" + port, "", func() { _ = l.Close() }, nil
}

// look runs the command on the peer: a row of the table, and what is wrong. It takes waitingDeadline where the peer never
// says a word; what a busy machine may be the cause of is looked at again, alone.
func (p trustPeer) look(ctx context.Context, binary string) (row string, wrong []string, err error) {
	url, ca, stop, err := p.start()
	if err != nil {
		return "", nil, err
	}
	defer stop()
	deadline := answeringDeadline
	if p.cause == "timeout" {
		deadline = waitingDeadline
	}
	args := []string{"check", url, "--only", "trust.*", "--aia", "private", "--timeout", deadline.String(), "--format", "json"}
	if ca != "" {
		args = append(args, "--ca-file", ca)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // a hang guard
	defer cancel()
	command := exec.CommandContext(ctx, binary, args...)
	var out bytes.Buffer
	command.Stdout = &out
	cost, err := measured(command)
	if err != nil {
		return "", nil, err
	}
	var r reports.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return "", nil, fmt.Errorf("%s: no report: %w", p.name, err)
	}
	said := "nothing"
	for _, f := range r.Findings {
		if f.ID == p.id {
			said = fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause)
		}
	}
	if want := p.id + " fail " + p.cause; said != want {
		wrong = append(wrong, fmt.Sprintf("%s: %s, want %s", p.name, said, want))
	}
	if cost.took-cost.starved > deadline+hostileGrace {
		wrong = append(wrong, fmt.Sprintf("%s: it took %v, of which it had no processor for %v", p.name, cost.took, cost.starved))
	}
	if cost.peak > trustMemory {
		wrong = append(wrong, fmt.Sprintf("%s: it took %d MiB", p.name, cost.peak>>20))
	}
	return fmt.Sprintf("%-26s %-42s %5d ms %5.1f MiB", p.name, said, cost.took.Milliseconds(), float64(cost.peak)/(1<<20)), wrong, nil
}

var _ = Describe("hostile peers of a handshake", Label("hostile", "trust"), func() {
	It("cost at most the timeout and 32 MiB", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary := built(ctx)
		peers := trustPeers()
		rows, wrongs := make([]string, len(peers)), make([][]string, len(peers))
		var group errgroup.Group
		group.SetLimit(waitingTogether)
		for i, p := range peers {
			group.Go(func() (err error) {
				rows[i], wrongs[i], err = p.look(ctx, binary)
				return err
			})
		}
		Expect(group.Wait()).To(Succeed())
		for i, p := range peers {
			for tries := 0; len(wrongs[i]) > 0 && tries < 2; tries++ {
				var err error
				rows[i], wrongs[i], err = p.look(ctx, binary)
				Expect(err).NotTo(HaveOccurred())
			}
		}
		AddReportEntry("peer, verdict, time, peak memory", strings.Join(rows, "\n")+"\n")
		Expect(slices.Concat(wrongs...)).To(BeEmpty())
	}, NodeTimeout(5*time.Minute))
})
