package wire

import (
	"bytes"
	"crypto/tls"
	"io"
	"runtime"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// hello13 is a server's hello of TLS 1.3, as a message.
func hello13(suite, group uint16, share []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint16(tls12)
	b.AddBytes(make([]byte, 32))
	b.AddUint8(0)
	b.AddUint16(suite)
	b.AddUint8(0)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		extension(b, extensionVersions, func(b *cryptobyte.Builder) { b.AddUint16(tls.VersionTLS13) })
		extension(b, extensionKeyShare, func(b *cryptobyte.Builder) {
			b.AddUint16(group)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(share) })
		})
	})
	return handshakeMessage(serverHello, b.BytesOrPanic())
}

// sealedRecords are messages in encrypted records, each with padding, as the server of that hello sends them.
func sealedRecords(keys handshakeKeys, messages []byte, size int) []byte {
	var out []byte
	for number := uint64(0); len(messages) > 0; number++ {
		n := min(size, len(messages))
		plain := append(bytes.Clone(messages[:n]), recordFragment, 0, 0)
		length := len(plain) + keys.aead.Overhead()
		head := []byte{recordEncrypted, 3, 3, byte(length >> 8), byte(length)}
		out = keys.aead.Seal(append(out, head...), keys.nonce(number), plain, head)
		messages = messages[n:]
	}
	return out
}

// FuzzTLS13Handshake reads what a hostile server answers to a hello of TLS 1.3: as it stands; behind a hello with any suite, group
// and key; and in records that are encrypted as they should be.
func FuzzTLS13Handshake(f *testing.F) {
	x25519, err := newKeyShare(groupX25519)
	if err != nil {
		f.Fatal(err)
	}
	finite, err := newKeyShare(groupFFDHE2048)
	if err != nil {
		f.Fatal(err)
	}
	shares := map[uint16]keyShare{groupX25519: x25519, groupFFDHE2048: finite}
	hello := bytes.Repeat([]byte{1}, 64)
	whole := handshakeMessage(certificate, append([]byte{0}, certificateBody13("leaf", "issuer")...))
	f.Add(uint16(tls.TLS_AES_128_GCM_SHA256), uint16(groupX25519), x25519.public, whole, uint16(1000))
	f.Add(uint16(tls.TLS_AES_256_GCM_SHA384), uint16(groupFFDHE2048), finite.public, append(handshakeMessage(8, []byte{0, 0}), whole...), uint16(7))
	f.Add(uint16(tls.TLS_CHACHA20_POLY1305_SHA256), uint16(groupX25519), x25519.public, whole[:9], uint16(1))
	f.Add(uint16(tls.TLS_AES_128_GCM_SHA256), uint16(groupFFDHE2048), []byte{}, []byte{certificate, 0xff, 0xff, 0xff}, uint16(1))
	f.Add(uint16(0xffff), uint16(groupX448), []byte{0}, []byte("HTTP/1.1 400"), uint16(0))
	f.Fuzz(func(t *testing.T, suite, group uint16, share, messages []byte, size uint16) {
		chunk := int(size)%4096 + 1
		answer := hello13(suite, group, share)
		streams := [][]byte{messages, append(records(answer, chunk), messages...)}
		if own, ok := shares[group]; ok {
			if secret, err := own.secret(share); err == nil {
				if keys, err := serverKeys(suite, secret, append(bytes.Clone(hello), answer...)); err == nil {
					streams = append(streams, append(records(answer, chunk), sealedRecords(keys, messages, chunk)...))
				}
			}
		}
		for _, stream := range streams {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			from := &countingReader{Reader: io.MultiReader(bytes.NewReader(stream), &endless{})}
			seen, _, err := tls13HandshakeFrom(from, hello, shares)
			runtime.ReadMemStats(&after)
			if from.read > maxByHand+maxRecord+5 {
				t.Errorf("%d bytes were read", from.read)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 64<<20 {
				t.Errorf("%d MiB were taken", taken>>20)
			}
			total := 0
			for _, der := range seen.Sent {
				total += len(der)
			}
			if total > from.read || err == nil && seen.Version != tls.VersionTLS13 {
				t.Errorf("version %x, %d bytes of certificates out of %d", seen.Version, total, from.read)
			}
		}
	})
}

// TestSealedRecords reads certificates out of encrypted records as the fuzz target makes them.
func TestSealedRecords(t *testing.T) {
	own, err := newKeyShare(groupX25519)
	if err != nil {
		t.Fatal(err)
	}
	hello, answer := []byte("hello"), hello13(tls.TLS_AES_256_GCM_SHA384, groupX25519, own.public)
	secret, err := own.secret(own.public)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := serverKeys(tls.TLS_AES_256_GCM_SHA384, secret, append(bytes.Clone(hello), answer...))
	if err != nil {
		t.Fatal(err)
	}
	stream := append(records(answer, 10), sealedRecords(keys, handshakeMessage(certificate, append([]byte{0}, certificateBody13("leaf", "issuer")...)), 3)...)
	seen, asked, err := tls13HandshakeFrom(bytes.NewReader(stream), hello, map[uint16]keyShare{groupX25519: own})
	if err != nil || asked != 0 || len(seen.Sent) != 2 || string(seen.Sent[0]) != "leaf" || string(seen.Sent[1]) != "issuer" {
		t.Errorf("%v, %x, %q", err, asked, seen.Sent)
	}
}

// certificateBody13 is the list of a Certificate message of TLS 1.3.
func certificateBody13(entries ...string) []byte {
	var b cryptobyte.Builder
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, e := range entries {
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(e)) })
			b.AddUint16(0)
		}
	})
	return b.BytesOrPanic()
}

// endless goes on with change-cipher records, which are skipped, for ever.
type endless struct{ at int }

func (r *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = []byte{recordChangeCipher, 3, 3, 0, 1, 1}[r.at%6]
		r.at++
	}
	return len(p), nil
}

type countingReader struct {
	io.Reader
	read int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}
