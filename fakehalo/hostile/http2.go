package hostile

import (
	"bytes"
	"net"

	"golang.org/x/net/http2"
)

// HTTP2 is what may come over a connection that negotiated HTTP/2, once the client has spoken.
var HTTP2 = map[string]Behaviour{
	"not-http2":      after(func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") }),
	"goaway":         frames(func(f *http2.Framer) error { return f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("\x1b[2J")) }, 1),
	"rst-stream":     frames(func(f *http2.Framer) error { return f.WriteRSTStream(1, http2.ErrCodeInternal) }, 1),
	"settings-flood": frames(func(f *http2.Framer) error { return f.WriteSettings() }, forever),
	"ping-flood":     frames(func(f *http2.Framer) error { return f.WritePing(false, [8]byte{}) }, forever),
	"huge-frame": frames(func(f *http2.Framer) error {
		return f.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 1<<20))
	}, 1),
	"push": frames(func(f *http2.Framer) error {
		return f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
	}, 1),
	"continuation-flood": func(c net.Conn) {
		f := preface(c)
		err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x88}})
		for err == nil {
			err = f.WriteContinuation(1, false, bytes.Repeat([]byte{0x00, 1, 'a', 1, 'b'}, 1000))
		}
	},
	"silence": func(c net.Conn) { preface(c); silence(c) },
}

// forever repeats a frame until the client goes.
const forever = -1

// preface reads the client's opening, sends the server's settings, and keeps reading so that the client is never stuck.
func preface(c net.Conn) *http2.Framer {
	f := http2.NewFramer(c, c)
	_, _ = c.Read(make([]byte, 4<<10))
	_ = f.WriteSettings()
	_ = f.WriteSettingsAck()
	return f
}

// frames opens a connection and sends one frame times times.
func frames(write func(*http2.Framer) error, times int) Behaviour {
	return func(c net.Conn) {
		f := preface(c)
		go silence(c) // ends with the connection
		for n := 0; n != times; n++ {
			if write(f) != nil {
				return
			}
		}
		silence(c)
	}
}
