package wire

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"
)

// Numbers of a TLS 1.3 handshake that is read by hand: RFC 8446.
const (
	recordEncrypted     = 23
	recordChangeCipher  = 20
	extensionVersions   = 43
	extensionKeyShare   = 51
	groupX25519         = 0x001d
	groupX448           = 0x001e
	groupFFDHE2048      = 0x0100
	longestKeyShare     = 4096 / 8
	handshakesTLS13Most = 2 // the second with the key exchange that the server asked for
)

// groups are the key exchanges of TLS 1.3 that OpenSSL 3.0 offers, in its order.
var groups = []uint16{groupX25519, 0x0017, groupX448, 0x0019, 0x0018, groupFFDHE2048, 0x0101, 0x0102, 0x0103, 0x0104}

// foreignGroups are those among them that crypto/tls does not implement.
var foreignGroups = map[uint16]string{groupX448: "X448", groupFFDHE2048: "ffdhe2048", 0x0101: "ffdhe3072", 0x0102: "ffdhe4096", 0x0103: "ffdhe6144", 0x0104: "ffdhe8192"}

// GroupName is the name of a key exchange that ordinary clients offer and crypto/tls does not implement; empty for any other.
func GroupName(id uint16) string { return foreignGroups[id] }

// errNotTLS13 means that the answer to a hello of TLS 1.3 was not one.
var errNotTLS13 = errors.New("the server answered with no hello of TLS 1.3")

// ReadTLS13Handshake is ReadPlainHandshake for a server that speaks nothing older than TLS 1.3: the hello offers what OpenSSL
// 3.0 offers, and the certificates are decrypted with keys that prove nothing to anybody. Where the server wants X448, or a
// longer FFDHE than 4096 bits, only that is known.
func (n *Net) ReadTLS13Handshake(ctx context.Context, e Endpoint) (seen PlainHandshake, err error) {
	offered := []uint16{groupX25519, groupFFDHE2048}
	for range handshakesTLS13Most {
		var asked uint16
		if seen, asked, err = n.readTLS13(ctx, e, offered); err != nil || asked == 0 {
			return seen, err
		}
		if _, err := newKeyShare(asked); err != nil {
			return seen, nil
		}
		offered = []uint16{asked}
	}
	return seen, nil
}

// readTLS13 makes one handshake. asked is the key exchange that the server wants in place of those offered.
func (n *Net) readTLS13(ctx context.Context, e Endpoint, offered []uint16) (seen PlainHandshake, asked uint16, err error) {
	conn, err := n.connect(ctx, e)
	if err != nil {
		return seen, 0, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	shares := map[uint16]keyShare{}
	for _, group := range offered {
		if shares[group], err = newKeyShare(group); err != nil {
			return seen, 0, err
		}
	}
	hello, err := byHand{groups: groups, suites: []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256}, shares: shares, offered: offered}.hello(e)
	if err != nil {
		return seen, 0, err
	}
	if _, err := conn.Write(hello); err != nil {
		return seen, 0, fmt.Errorf("hello to %s: %w", e, err)
	}
	return tls13HandshakeFrom(conn, hello[5:], shares)
}

// keyShare is one side of a key exchange.
type keyShare struct {
	public []byte
	secret func(peer []byte) ([]byte, error)
}

var errGroup = errors.New("a key exchange that this program lacks")

// newKeyShare makes a key for one handshake.
func newKeyShare(group uint16) (keyShare, error) {
	curves := map[uint16]ecdh.Curve{groupX25519: ecdh.X25519(), 0x0017: ecdh.P256(), 0x0018: ecdh.P384(), 0x0019: ecdh.P521()}
	if curve := curves[group]; curve != nil {
		key, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			return keyShare{}, err
		}
		return keyShare{key.PublicKey().Bytes(), func(peer []byte) ([]byte, error) {
			public, err := curve.NewPublicKey(peer)
			if err != nil {
				return nil, err
			}
			return key.ECDH(public)
		}}, nil
	}
	p := finiteFields()[group]
	if p == nil {
		return keyShare{}, errGroup
	}
	var exponent [32]byte
	if _, err := rand.Read(exponent[:]); err != nil {
		return keyShare{}, err
	}
	x, size := new(big.Int).SetBytes(exponent[:]), p.BitLen()/8
	public := new(big.Int).Exp(big.NewInt(2), x, p).FillBytes(make([]byte, size))
	return keyShare{public, func(peer []byte) ([]byte, error) {
		if len(peer) > longestKeyShare {
			return nil, errGroup
		}
		return new(big.Int).Exp(new(big.Int).SetBytes(peer), x, p).FillBytes(make([]byte, size)), nil
	}}, nil
}

// finiteFields are the primes of ffdhe2048, ffdhe3072 and ffdhe4096, of b bits: 2^b - 2^(b-64) + (⌊2^(b-130)·e⌋ + x)·2^64 - 1,
// RFC 7919 appendix A.
var finiteFields = sync.OnceValue(func() map[uint16]*big.Int {
	fields := map[uint16]*big.Int{}
	for group, of := range map[uint16]struct {
		bits uint
		x    int64
	}{groupFFDHE2048: {2048, 560316}, 0x0101: {3072, 2625351}, 0x0102: {4096, 5736041}} {
		e, term := new(big.Int), new(big.Int).Lsh(big.NewInt(1), of.bits) // ·2^bits, more exact than is needed
		for k := int64(1); term.Sign() > 0; k++ {
			e.Add(e, term)
			term.Div(term, big.NewInt(k))
		}
		one := big.NewInt(1)
		p := new(big.Int).Rsh(e, 130)
		p.Add(p, big.NewInt(of.x)).Lsh(p, 64)
		p.Add(p, new(big.Int).Lsh(one, of.bits)).Sub(p, new(big.Int).Lsh(one, of.bits-64)).Sub(p, one)
		fields[group] = p
	}
	return fields
})

// retryRandom is what stands in a hello that asks for another key exchange: RFC 8446 §4.1.3.
var retryRandom = sha256.Sum256([]byte("HelloRetryRequest"))

// tls13HandshakeFrom reads a server's hello and decrypts what follows it, until a Certificate message is whole. Peer bytes:
// no more than maxByHand are read.
func tls13HandshakeFrom(r io.Reader, hello []byte, shares map[uint16]keyShare) (seen PlainHandshake, asked uint16, err error) {
	records := &recordReader{from: r}
	var answer []byte
	for !wholeMessage(answer) {
		kind, fragment, err := records.next()
		if err != nil {
			return seen, 0, err
		}
		if kind != recordFragment {
			return seen, 0, errNotTLS13
		}
		answer = append(answer, fragment...)
	}
	random, share, err := seen.readHello13(answer)
	switch {
	case err != nil:
		return seen, 0, err
	case bytes.Equal(random, retryRandom[:]):
		return seen, seen.Group, nil
	}
	own, ok := shares[seen.Group]
	if !ok {
		return seen, 0, errNotTLS13
	}
	secret, err := own.secret(share)
	if err != nil {
		return seen, 0, err
	}
	keys, err := serverKeys(seen.Suite, secret, append(bytes.Clone(hello), answer...))
	if err != nil {
		return seen, 0, err
	}
	records.open = keys.open
	var messages []byte
	for {
		kind, fragment, err := records.next()
		if err != nil {
			return seen, 0, err
		}
		if kind != recordFragment {
			return seen, 0, errNoCertificates
		}
		var found bool
		if messages, found = seen.read(append(messages, fragment...)); found {
			if len(seen.Sent) == 0 {
				return seen, 0, errNoCertificates
			}
			return seen, 0, nil
		}
	}
}

// wholeMessage tells whether a handshake message is there to its end.
func wholeMessage(b []byte) bool {
	s := cryptobyte.String(b)
	var body cryptobyte.String
	return s.Skip(1) && s.ReadUint24LengthPrefixed(&body)
}

// readHello13 reads a hello of TLS 1.3 from the server: its random number and its key.
func (h *PlainHandshake) readHello13(message []byte) (random, share []byte, err error) {
	s := cryptobyte.String(message)
	var kind, compression uint8
	var version, suite uint16
	var body, session, extensions cryptobyte.String
	if !s.ReadUint8(&kind) || kind != serverHello || !s.ReadUint24LengthPrefixed(&body) || !s.Empty() || !body.Skip(2) || !body.ReadBytes(&random, 32) ||
		!body.ReadUint8LengthPrefixed(&session) || !body.ReadUint16(&suite) || !body.ReadUint8(&compression) || !body.ReadUint16LengthPrefixed(&extensions) {
		return nil, nil, errNotTLS13
	}
	for !extensions.Empty() {
		var id uint16
		var value, key cryptobyte.String
		if !extensions.ReadUint16(&id) || !extensions.ReadUint16LengthPrefixed(&value) {
			return nil, nil, errNotTLS13
		}
		switch id {
		case extensionVersions:
			if !value.ReadUint16(&version) {
				return nil, nil, errNotTLS13
			}
		case extensionKeyShare:
			if !value.ReadUint16(&h.Group) {
				return nil, nil, errNotTLS13
			}
			if !value.Empty() && !value.ReadUint16LengthPrefixed(&key) {
				return nil, nil, errNotTLS13
			}
			share = key
		}
	}
	if version != tls.VersionTLS13 {
		return nil, nil, errNotTLS13
	}
	h.Version, h.Suite = version, suite
	return random, share, nil
}

// recordReader reads records, in the clear until open is set.
type recordReader struct {
	from io.Reader
	open func(number uint64, head, sealed []byte) ([]byte, error)
	read int    // bytes so far
	done uint64 // records opened
}

// next is the next record: the kind of what is in it, and that.
func (r *recordReader) next() (kind byte, fragment []byte, err error) {
	for r.read < maxByHand {
		var head [5]byte
		if _, err := io.ReadFull(r.from, head[:]); err != nil {
			return 0, nil, err
		}
		length := int(binary.BigEndian.Uint16(head[3:]))
		if length == 0 || length > maxRecord {
			return 0, nil, errNoCertificates
		}
		r.read += len(head) + length
		fragment := make([]byte, length)
		if _, err := io.ReadFull(r.from, fragment); err != nil {
			return 0, nil, err
		}
		switch {
		case head[0] == recordChangeCipher: // for boxes on the way: RFC 8446 D.4
			continue
		case r.open == nil || head[0] != recordEncrypted:
			return head[0], fragment, nil
		}
		plain, err := r.open(r.done, head[:], fragment)
		if err != nil {
			return 0, nil, err
		}
		r.done++
		plain = bytes.TrimRight(plain, "\x00")
		if len(plain) == 0 {
			return 0, nil, errNoCertificates
		}
		return plain[len(plain)-1], plain[:len(plain)-1], nil
	}
	return 0, nil, errNoCertificates
}

// handshakeKeys are what one side's handshake messages are encrypted with.
type handshakeKeys struct {
	aead cipher.AEAD
	iv   []byte
}

// nonce is that of a record: RFC 8446 §5.3.
func (k handshakeKeys) nonce(number uint64) []byte {
	nonce := bytes.Clone(k.iv)
	var counter [12]byte
	binary.BigEndian.PutUint64(counter[4:], number)
	for i := range nonce {
		nonce[i] ^= counter[i]
	}
	return nonce
}

// open decrypts a record.
func (k handshakeKeys) open(number uint64, head, sealed []byte) ([]byte, error) {
	return k.aead.Open(nil, k.nonce(number), sealed, head)
}

// serverKeys are the keys of the server's handshake messages: RFC 8446 §7.1, §7.3.
func serverKeys(suite uint16, shared, transcript []byte) (keys handshakeKeys, err error) {
	digest, length, seal := sha256.New, 16, gcm
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256:
	case tls.TLS_AES_256_GCM_SHA384:
		digest, length = sha512.New384, 32
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		length, seal = 32, chacha20poly1305.New
	default:
		return keys, errNotTLS13
	}
	size := digest().Size()
	sum := func(b []byte) []byte {
		h := digest()
		h.Write(b)
		return h.Sum(nil)
	}
	early, err := hkdf.Extract(digest, make([]byte, size), nil)
	if err != nil {
		return keys, err
	}
	derived, err := expandLabel(digest, early, "derived", sum(nil), size)
	if err != nil {
		return keys, err
	}
	handshake, err := hkdf.Extract(digest, shared, derived)
	if err != nil {
		return keys, err
	}
	traffic, err := expandLabel(digest, handshake, "s hs traffic", sum(transcript), size)
	if err != nil {
		return keys, err
	}
	key, err := expandLabel(digest, traffic, "key", nil, length)
	if err != nil {
		return keys, err
	}
	iv, err := expandLabel(digest, traffic, "iv", nil, 12)
	if err != nil {
		return keys, err
	}
	aead, err := seal(key)
	return handshakeKeys{aead, iv}, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// expandLabel is HKDF-Expand-Label: RFC 8446 §7.1.
func expandLabel(digest func() hash.Hash, secret []byte, label string, about []byte, length int) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddUint16(uint16(length)) //nolint:gosec // at most 48
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("tls13 " + label)) })
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(about) })
	info, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return hkdf.Expand(digest, secret, string(info), length)
}
