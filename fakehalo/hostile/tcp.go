package hostile

import (
	"bytes"
	"io"
	"net"
	"time"
)

// TCP is what may answer where TLS is expected.
var TCP = map[string]Behaviour{
	"silence":      silence,
	"close":        halfClose,
	"drip":         func(c net.Conn) { drip(c, nil) },
	"endless-junk": func(c net.Conn) { endless(c, bytes.Repeat([]byte("junk"), 4<<10)) },
	"plain-http":   func(c net.Conn) { say(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") },
	"ssh-banner":   func(c net.Conn) { say(c, "SSH-2.0-OpenSSH_9.2\r\n"); silence(c) },
}

// silence reads whatever comes and never says a word.
func silence(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// halfClose ends what it would have said, and still listens, so that what the client says meets no reset.
func halfClose(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	silence(c)
}

// reset ends the connection with RST rather than FIN.
func reset(c net.Conn) {
	for {
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// say writes text; a client that has gone is no error here.
func say(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

// drip writes first, and then one byte of a hundred milliseconds each until the client goes.
func drip(c net.Conn, first []byte) {
	_, err := c.Write(first)
	for err == nil {
		time.Sleep(100 * time.Millisecond)
		_, err = c.Write([]byte("x"))
	}
}

// endless writes the same again and again until the client goes.
func endless(c net.Conn, block []byte) {
	var err error
	for err == nil {
		_, err = c.Write(block)
	}
}
