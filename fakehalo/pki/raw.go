package pki

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"time"
)

// rawFaults are servers that never get as far as a certificate, and so combine with nothing. What a client makes of each
// is in tls §3.10.
func rawFaults() []fault {
	return []fault{
		// What web servers say to a client that speaks TLS to their plain port.
		rawFault("not-tls", "not_tls", "The port speaks plain HTTP.",
			answerWith("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 28\r\nConnection: close\r\n\r\nplain HTTP is spoken here...")),
		rawFault("not-tls-ssh", "not_tls", "The port speaks SSH.", greet("SSH-2.0-OpenSSH_9.6\r\n")),
		rawFault("not-tls-smtp", "not_tls", "The port speaks SMTP.", greet("220 mail.example.net ESMTP ready\r\n")),
		// A handshake record that holds a ServerHello of four senseless bytes.
		rawFault("tls-garbage", "tls_error", "The answer is framed as TLS and makes no sense.",
			answerWith("\x16\x03\x03\x00\x08\x02\x00\x00\x04\xde\xad\xbe\xef")),
		// The header of a 16 MiB ServerHello, in a record that is full: a client that trusts it waits or allocates.
		rawFault("tls-huge-message", "tls_error", "The answer announces a handshake message of 16 MiB.",
			answerWith("\x16\x03\x03\x40\x00\x02\xff\xff\xff"+strings.Repeat("\x00", 1<<14-4))),
		// Alert record, level fatal (2), handshake_failure (40).
		rawFault("tls-alert", "tls_alert", "The server refuses every hello with a handshake_failure alert.",
			answerWith("\x15\x03\x01\x00\x02\x02\x28")),
		rawFault("silent", "timeout", "The server accepts the connection and says nothing.", greet("")),
		rawFault("drip", "timeout", "The server sends one byte a second.", drip),
		rawFault("reset", "connection_reset", "The server resets the connection at the hello.", reset),
		// IIS without a certificate on the binding does this (tls §6).
		rawFault("close", "connection_closed", "The server closes the connection at the hello.", answerWith("")),
	}
}

// rawFault closes the connection once raw is done with it. It decides everything, because nothing else can be seen.
func rawFault(name, cause, says string, raw func(net.Conn)) fault {
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		raw(conn)
	}
	return flaw(name, "trust.handshake", cause, says, func(p *plan) { p.raw = serve },
		leafDates, leafNames, constrained, leafPurpose, leafKey, signature, issuerOf, midCert, rootCert, sentList, handshake, status)
}

// maxRecord is the longest TLS record, header left out, in bytes (RFC 8446 §5.2).
const maxRecord = 1<<14 + 256

// readHello reads one record, so that closing afterwards is not taken for a reset: an unread byte would cause one.
func readHello(conn net.Conn) {
	header := make([]byte, 5)
	if _, err := io.ReadFull(conn, header); err != nil {
		return
	}
	if header[0] != 0x16 { // a client that does not speak TLS either
		return
	}
	_, _ = io.CopyN(io.Discard, conn, int64(min(maxRecord, binary.BigEndian.Uint16(header[3:]))))
}

// answerWith waits for the hello and says its piece.
func answerWith(piece string) func(net.Conn) {
	return func(conn net.Conn) {
		readHello(conn)
		_, _ = io.WriteString(conn, piece)
	}
}

// greet speaks first, as the server does in some protocols, then listens until the peer or the caller closes.
func greet(greeting string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = io.WriteString(conn, greeting)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// drip sends the beginning of a record that would take hours, until the peer or the caller closes.
func drip(conn net.Conn) {
	readHello(conn)
	piece := []byte("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
	for i := 0; ; i++ {
		next := []byte{0}
		if i < len(piece) {
			next[0] = piece[i]
		}
		if _, err := conn.Write(next); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// reset puts the linger time to zero, which makes TCP send RST on close; a connection that hides it is just closed.
func reset(conn net.Conn) {
	readHello(conn)
	under := conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		under = wrapped.NetConn()
	}
	if tcp, ok := under.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0)
	}
}
