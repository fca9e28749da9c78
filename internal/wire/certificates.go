package wire

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
)

// Bounds and numbers of a TLS 1.2 handshake that is read by hand: RFC 5246 §6.2.1, §7.4.
const (
	maxRecord      = 16<<10 + 2048 // bytes of one record
	maxByHand      = 1 << 20       // bytes of all records together
	recordFragment = 22            // record type of handshake messages
	clientHello    = 1
	serverHello    = 2
	certificate    = 11
	tls10, tls12   = 0x0301, 0x0303
)

// errNoCertificates means that the server's first messages held no Certificate message in the clear.
var errNoCertificates = errors.New("the server showed no certificates in TLS 1.2")

// PlainHandshake is what a TLS 1.2 server shows in the clear before any key is agreed on.
type PlainHandshake struct {
	Version uint16   // the TLS version that it chose; 0: none was read
	Suite   uint16   // the cipher suite that it chose; 0: none was read
	Group   uint16   // the key exchange that it chose or asked for; of TLS 1.3 alone
	Sent    [][]byte // the certificates as sent, unparsed
}

// ReadPlainHandshake asks for TLS 1.2 with a hello written by hand and returns the certificates as they were sent:
// crypto/tls gives up on the whole message when one of them does not parse, or when they are too long, and shows none
// (tls.md §3.8); and it does not implement all suites that ordinary clients do. Nothing is verified. Certificates of TLS
// 1.3 are encrypted, so a server that speaks nothing else gives an error.
func (n *Net) ReadPlainHandshake(ctx context.Context, e Endpoint) (PlainHandshake, error) {
	conn, err := n.connect(ctx, e)
	if err != nil {
		return PlainHandshake{}, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	hello, err := byHand{groups: []uint16{groupX25519, 0x0017, 0x0018, 0x0019, groupX448}, suites: plainSuites()}.hello(e)
	if err != nil {
		return PlainHandshake{}, err
	}
	if _, err := conn.Write(hello); err != nil {
		return PlainHandshake{}, fmt.Errorf("hello to %s: %w", e, err)
	}
	return plainHandshakeFrom(conn)
}

// byHand is a ClientHello to be written by hand: one of TLS 1.2, or one of TLS 1.3 where it has shares.
type byHand struct {
	groups, suites []uint16
	shares         map[uint16]keyShare
	offered        []uint16 // the order of the shares
}

// hello is the ClientHello in one record with what OpenSSL 3.0 offers, X448, Ed448 and RSA-PSS keys included, and the server's
// name.
func (h byHand) hello(e Endpoint) ([]byte, error) {
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddUint8(recordFragment)
	b.AddUint16(tls10)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint8(clientHello)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16(tls12)
			b.AddBytes(random[:])
			b.AddUint8(0) // no session to resume
			words(b, h.suites...)
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint8(0) }) // no compression
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				if !e.IsIP() {
					extension(b, 0, func(b *cryptobyte.Builder) {
						b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
							b.AddUint8(0) // a host name
							b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(e.Host)) })
						})
					})
				}
				extension(b, 10, func(b *cryptobyte.Builder) { words(b, h.groups...) })
				extension(b, 11, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 0}) }) // uncompressed points
				extension(b, 13, func(b *cryptobyte.Builder) {
					words(b, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0203, 0x0201)
				})
				if h.shares != nil {
					extension(b, extensionVersions, func(b *cryptobyte.Builder) {
						b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint16(tls.VersionTLS13) })
					})
					extension(b, extensionKeyShare, func(b *cryptobyte.Builder) {
						b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
							for _, group := range h.offered {
								extension(b, group, func(b *cryptobyte.Builder) { b.AddBytes(h.shares[group].public) })
							}
						})
					})
				}
				extension(b, 0xff01, func(b *cryptobyte.Builder) { b.AddUint8(0) }) // secure renegotiation: RFC 5746
			})
		})
	})
	return b.Bytes()
}

// words adds a list of 16-bit numbers, its length in bytes first.
func words(b *cryptobyte.Builder, numbers ...uint16) {
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, n := range numbers {
			b.AddUint16(n)
		}
	})
}

// extension adds one extension: its number, its length in bytes, its content.
func extension(b *cryptobyte.Builder, number uint16, content func(*cryptobyte.Builder)) {
	b.AddUint16(number)
	b.AddUint16LengthPrefixed(content)
}

// plainHandshakeFrom reads records until a Certificate message is whole. Peer bytes: no more than maxByHand are read.
func plainHandshakeFrom(r io.Reader) (PlainHandshake, error) {
	var messages []byte
	var seen PlainHandshake
	for total := 0; total < maxByHand; {
		var head [5]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return seen, err
		}
		length := int(head[3])<<8 | int(head[4])
		if head[0] != recordFragment || length == 0 || length > maxRecord {
			return seen, errNoCertificates
		}
		total += len(head) + length
		fragment := make([]byte, length)
		if _, err := io.ReadFull(r, fragment); err != nil {
			return seen, err
		}
		var found bool
		if messages, found = seen.read(append(messages, fragment...)); found {
			if len(seen.Sent) == 0 {
				return seen, errNoCertificates
			}
			return seen, nil
		}
	}
	return seen, errNoCertificates
}

// read takes the handshake messages that are whole, up to the Certificate message. While that is not found, rest is what
// is left behind the last whole message. A Certificate message that is whole and malformed gives no certificates.
func (h *PlainHandshake) read(messages []byte) (rest []byte, found bool) {
	for rest = messages; ; {
		next := cryptobyte.String(rest)
		var kind uint8
		var body cryptobyte.String
		if !next.ReadUint8(&kind) || !next.ReadUint24LengthPrefixed(&body) {
			return rest, false
		}
		rest = next
		switch kind {
		case serverHello:
			var session cryptobyte.String
			if !body.ReadUint16(&h.Version) || !body.Skip(32) || !body.ReadUint8LengthPrefixed(&session) || !body.ReadUint16(&h.Suite) {
				h.Version, h.Suite = 0, 0
			}
		case certificate:
			h.Sent = h.certificateList(body)
			return nil, true
		}
	}
}

// certificateList is the content of a Certificate message; nil for a malformed one. In TLS 1.3 each has extensions: RFC 8446
// §4.4.2.
func (h *PlainHandshake) certificateList(body cryptobyte.String) (list [][]byte) {
	var certs, more cryptobyte.String
	is13 := h.Version == tls.VersionTLS13
	if is13 && !body.ReadUint8LengthPrefixed(&more) {
		return nil
	}
	if !body.ReadUint24LengthPrefixed(&certs) {
		return nil
	}
	for !certs.Empty() {
		var der cryptobyte.String
		if !certs.ReadUint24LengthPrefixed(&der) || is13 && !certs.ReadUint16LengthPrefixed(&more) {
			return nil
		}
		list = append(list, der)
	}
	return list
}
