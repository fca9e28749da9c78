package hostile

import (
	"bytes"
	"net"
)

// record is a TLS record: type 20 to 23, version 1.2, and its length as told, which need not be the body's.
func record(kind byte, told int, body []byte) []byte {
	return append([]byte{kind, 3, 3, byte(told >> 8), byte(told)}, body...)
}

// TLS is what may answer a ClientHello. Record types: 20 change cipher spec, 21 alert, 22 handshake, 23 data (RFC 8446 §5.1).
var TLS = map[string]Behaviour{
	"half-a-record": after(func(c net.Conn) { _, _ = c.Write(record(22, 512, []byte{2, 0})); silence(c) }),
	"drip-record":   after(func(c net.Conn) { drip(c, record(22, 16000, nil)) }),
	"reset":         after(reset),
	"close":         after(func(net.Conn) {}),
	"giant-record":  after(func(c net.Conn) { endless(c, record(22, 0xffff, bytes.Repeat([]byte{0}, 0xffff))) }),
	"giant-message": after(func(c net.Conn) {
		// A ServerHello that says to be 16 MiB long, and goes on being sent.
		_, _ = c.Write(record(22, 4, []byte{2, 0xff, 0xff, 0xff}))
		endless(c, record(22, 16000, make([]byte, 16000)))
	}),
	"empty-records":  after(func(c net.Conn) { endless(c, bytes.Repeat(record(22, 0, nil), 1000)) }),
	"warning-alerts": after(func(c net.Conn) { endless(c, bytes.Repeat(record(21, 2, []byte{1, 90}), 1000)) }),
	"change-ciphers": after(func(c net.Conn) { endless(c, bytes.Repeat(record(20, 1, []byte{1}), 1000)) }),
	"hello-requests": after(func(c net.Conn) { endless(c, bytes.Repeat(record(22, 4, []byte{0, 0, 0, 0}), 1000)) }),
	"fatal-alert":    after(func(c net.Conn) { _, _ = c.Write(record(21, 2, []byte{2, 40})) }),
	"unknown-alert":  after(func(c net.Conn) { _, _ = c.Write(record(21, 2, []byte{2, 250})) }),
	"data-first":     after(func(c net.Conn) { endless(c, record(23, 4, []byte("oops"))) }),
}

// after reads what the client opens with, and goes on.
func after(then Behaviour) Behaviour {
	return func(c net.Conn) {
		if _, err := c.Read(make([]byte, 4<<10)); err == nil {
			then(c)
		}
	}
}
