package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
)

// records are handshake messages cut into records of size bytes at most.
func records(messages []byte, size int) []byte {
	var b cryptobyte.Builder
	for len(messages) > 0 {
		n := min(size, len(messages))
		b.AddUint8(recordFragment)
		b.AddUint16(tls12)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(messages[:n]) })
		messages = messages[n:]
	}
	return b.BytesOrPanic()
}

// message is one handshake message.
func handshakeMessage(kind uint8, body []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(kind)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(body) })
	return b.BytesOrPanic()
}

// certificateBody is the body of a Certificate message.
func certificateBody(entries ...string) []byte {
	var b cryptobyte.Builder
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, e := range entries {
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(e)) })
		}
	})
	return b.BytesOrPanic()
}

func TestPlainHandshakeFromRecords(t *testing.T) {
	hello := handshakeMessage(serverHello, append(append(append([]byte{3, 2}, make([]byte, 32)...), 4, 1, 2, 3, 4), 0xc0, 0x28, 0))
	whole := append(bytes.Clone(hello), handshakeMessage(certificate, certificateBody("leaf", "not a certificate", ""))...)
	for _, size := range []int{1, 7, 80, 16 << 10} {
		got, err := plainHandshakeFrom(bytes.NewReader(records(whole, size)))
		want := PlainHandshake{Version: tls.VersionTLS11, Suite: 0xc028, Sent: [][]byte{[]byte("leaf"), []byte("not a certificate"), {}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("records of %d bytes: %v\n%s", size, err, diff)
		}
	}
}

func TestNoCertificatesFromRecords(t *testing.T) {
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"nothing":         {nil, io.EOF},
		"half a record":   {[]byte{22, 3, 3, 0, 9, 11}, io.ErrUnexpectedEOF},
		"an alert":        {[]byte{21, 3, 3, 0, 2, 2, 40}, errNoCertificates},
		"plain HTTP":      {[]byte("HTTP/1.1 400 Bad Request"), errNoCertificates},
		"an empty record": {[]byte{22, 3, 3, 0, 0}, errNoCertificates},
		"too long":        {[]byte{22, 3, 3, 0xff, 0xff}, errNoCertificates},
		"an empty list":   {records(handshakeMessage(certificate, certificateBody()), 100), errNoCertificates},
		"a bad length":    {records(handshakeMessage(certificate, []byte{0, 0, 9, 0, 0, 1, 65}), 100), errNoCertificates},
		"no end":          {records(handshakeMessage(2, make([]byte, 3<<20)), 16<<10), errNoCertificates},
	} {
		if got, err := plainHandshakeFrom(bytes.NewReader(c.sent)); !errors.Is(err, c.want) || got.Sent != nil {
			t.Errorf("%s: %q, %v; want %v", name, got.Sent, err, c.want)
		}
	}
}

// TestPlainHelloIsUnderstood sends the hello to crypto/tls's own server.
func TestPlainHelloIsUnderstood(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	heard := make(chan *tls.ClientHelloInfo, 1)
	go func() {
		_ = tls.Server(server, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			heard <- h
			return nil, errors.New("heard enough")
		}}).HandshakeContext(ctx)
	}()
	hello, err := byHand{groups: groups[:5], suites: plainSuites()}.hello(Endpoint{Host: "halo.example.test", Port: "443"})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, client) }()
	if _, err := client.Write(hello); err != nil {
		t.Fatal(err)
	}
	select {
	case h := <-heard:
		if h.ServerName != "halo.example.test" || !cmp.Equal(h.SupportedVersions, []uint16{tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10}) {
			t.Errorf("the server heard the name %q and the versions %x", h.ServerName, h.SupportedVersions)
		}
	case <-ctx.Done():
		t.Fatal("the server did not understand the hello")
	}
}

// FuzzPlainHandshakeFrom finds no panic in what a peer may send, and never more certificates than bytes.
func FuzzPlainHandshakeFrom(f *testing.F) {
	f.Add(records(handshakeMessage(certificate, certificateBody("leaf", "issuer")), 9))
	f.Add([]byte{21, 3, 3, 0, 2, 2, 40})
	f.Fuzz(func(t *testing.T, sent []byte) {
		seen, err := plainHandshakeFrom(bytes.NewReader(sent))
		total := 0
		for _, der := range seen.Sent {
			total += 3 + len(der)
		}
		if total > len(sent) {
			t.Fatalf("%d bytes of certificates out of %d", total, len(sent))
		}
		if err == nil && len(seen.Sent) == 0 {
			t.Fatal("no certificates and no error")
		}
	})
}
