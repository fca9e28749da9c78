package fakehalo

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// write sends the answer, or cuts the connection.
func (a *reply) write(w http.ResponseWriter, r *http.Request) {
	if a.broken == silence {
		<-r.Context().Done()
	}
	if a.drop || a.broken == "reset" || a.broken == silence {
		closeConnection(r, a.broken == "reset")
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	if w.Header().Get("Server") == "" && !a.asIs {
		w.Header().Set("Server", "Microsoft-IIS/10.0")
	}
	if a.asIs && w.Header().Get("Content-Type") == "" {
		w.Header()["Content-Type"] = nil // otherwise the library guesses one
	}
	if a.status == http.StatusUnauthorized && !a.asIs && strings.Contains(a.body, "invalid_client") {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", "https://"+r.Host+"/auth"))
	}
	body := a.raw
	if body == nil && a.broken != "" {
		body = []byte(a.body)
	}
	switch {
	case r.Method == http.MethodHead:
		w.WriteHeader(a.status)
	case a.broken != "":
		a.writeBroken(w, body)
	case body != nil:
		if !a.asIs {
			w.Header().Set("Content-Length", strconv.Itoa(len(body))) // one write instead of chunks
		}
		w.WriteHeader(a.status)
		if _, err := w.Write(body); err == nil && a.pooled {
			answers.Put(&a.raw)
		}
	default:
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}
}

// answers are the buffers of lists: a page of tickets is tens of kilobytes.
var answers = sync.Pool{New: func() any { return new([]byte) }}

// pooledReply is a list, which build appends to a buffer.
func pooledReply(build func(into []byte) []byte) *reply {
	buffer := answers.Get().(*[]byte)
	return &reply{status: http.StatusOK, kind: jsonKind, raw: build((*buffer)[:0]), pooled: true}
}

// closeConnection closes the connection without an answer; with a reset the peer is told so. It does not return.
func closeConnection(r *http.Request, reset bool) {
	if c, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		if secure, ok := c.(*tls.Conn); ok && reset {
			c = secure.NetConn()
		}
		if plain, ok := c.(*net.TCPConn); ok && reset {
			_ = plain.SetLinger(0)
		}
		_ = c.Close() // resetting the stream alone would be an answer of HTTP/2
	}
	panic(http.ErrAbortHandler)
}

// garbageBody is no JSON, no text, and no page.
const garbageBody = "\x00\xff\xfe{]\x1b\x00"

// writeBroken sends the body in the way that an injection wants.
func (a *reply) writeBroken(w http.ResponseWriter, body []byte) {
	flush := http.NewResponseController(w).Flush
	if a.broken == "truncate" {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	switch a.broken {
	case "truncate":
		_, _ = w.Write(body[:len(body)/2])
		_ = flush()
		panic(http.ErrAbortHandler)
	case "drip":
		for n := range body {
			if _, err := w.Write(body[n : n+1]); err != nil || flush() != nil {
				return // the client went away
			}
			time.Sleep(dripTime / time.Duration(len(body)))
		}
	case "garbage":
		_, _ = io.WriteString(w, garbageBody)
	}
}
