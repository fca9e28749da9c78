package hostile

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// Answer writes a whole HTTP answer, status line first, with own as the body that a sane server sends and target as the
// request's path and query. It returns as a [Behaviour] does.
type Answer func(c net.Conn, own []byte, target string)

// Answers are the hostile answers that HTTP/1.1 can carry.
var Answers = map[string]Answer{
	"silence":         func(c net.Conn, _ []byte, _ string) { silence(c) },
	"close":           func(net.Conn, []byte, string) {},
	"reset":           func(c net.Conn, _ []byte, _ string) { reset(c) },
	"drip-headers":    raw("HTTP/1.1 200 OK\r\nX-Drip: ", func(c net.Conn) { drip(c, nil) }),
	"drip-body":       raw(head+"Content-Length: 100000\r\n\r\n", func(c net.Conn) { drip(c, []byte(`{"a":"`)) }),
	"endless-body":    raw(head+"\r\n{\"a\":\"", func(c net.Conn) { endless(c, bytes.Repeat([]byte("a"), 16<<10)) }),
	"endless-blanks":  raw(head+"\r\n", func(c net.Conn) { endless(c, bytes.Repeat([]byte(" "), 16<<10)) }),
	"endless-headers": raw(head, func(c net.Conn) { endless(c, bytes.Repeat([]byte("X-More: and more\r\n"), 500)) }),
	"endless-header":  raw(head+"X-Long: ", func(c net.Conn) { endless(c, bytes.Repeat([]byte("a"), 16<<10)) }),
	"endless-status":  raw("HTTP/1.1 200 ", func(c net.Conn) { endless(c, bytes.Repeat([]byte("O"), 16<<10)) }),
	"flood-1xx": func(c net.Conn, _ []byte, _ string) {
		endless(c, []byte("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))
	},
	"gzip-bomb":        compressed("gzip", func() []byte { return gzipBomb() }),
	"deflate-bomb":     compressed("deflate", func() []byte { return deflateBomb() }),
	"chunk-nonsense":   raw(head+"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n", nil),
	"chunk-overflow":   raw(head+"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n{}", nil),
	"chunk-extensions": raw(head+"Transfer-Encoding: chunked\r\n\r\n", func(c net.Conn) { endless(c, []byte("1;"+strings.Repeat("e", 3000)+"\r\n \r\n")) }),
	"negative-length":  raw(head+"Content-Length: -5\r\n\r\n{}", nil),
	"two-lengths":      raw(head+"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}", nil),
	"no-headers":       raw(`{"auth_url":"https://localhost/"}`, nil),
	"status-999":       raw("HTTP/1.1 999 \x1b[31mOdd\r\nContent-Length: 0\r\n\r\n", nil),
	"redirect-loop": func(c net.Conn, _ []byte, target string) {
		say(c, "HTTP/1.1 302 Found\r\nLocation: "+target+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	},
	"redirect-away": raw("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://thief.example/\r\nContent-Length: 0\r\n\r\n", nil),
	"negotiate":     raw("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", nil),
	"basic":         raw("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"\x1b]0;x\x07\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", nil),
	"cookies": func(c net.Conn, own []byte, _ string) {
		say(c, head+strings.Repeat("Set-Cookie: a="+strings.Repeat("c", 400)+"\r\n", 100)+fmt.Sprintf("Content-Length: %d\r\nConnection: close\r\n\r\n%s", len(own), own))
	},
	"html-type": func(c net.Conn, own []byte, _ string) {
		say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(own), own))
	},
}

// head opens an answer that says to be JSON and ends with the connection.
const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"

// raw says text and goes on with then, if there is anything more.
func raw(text string, then Behaviour) Answer {
	return func(c net.Conn, _ []byte, _ string) {
		say(c, text)
		if then != nil {
			then(c)
		}
	}
}

// bombSize is what a bomb unpacks to, in bytes: a quarter of a gigabyte.
const bombSize = 256 << 20

// The bombs are packed once: a second of work each.
var (
	gzipBomb    = sync.OnceValue(func() []byte { return pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }) })
	deflateBomb = sync.OnceValue(func() []byte {
		return pack(func(w io.Writer) io.WriteCloser {
			f, _ := flate.NewWriter(w, flate.BestSpeed) // the level is a valid one
			return f
		})
	})
)

// pack compresses a JSON string of bombSize blanks.
func pack(with func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := with(&out)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range bombSize / len(block) {
		_, _ = w.Write(block) // a buffer takes everything
	}
	_ = w.Close()
	return out.Bytes()
}

// compressed answers with a body that unpacks to far more than it is.
func compressed(encoding string, body func() []byte) Answer {
	return func(c net.Conn, _ []byte, _ string) {
		packed := body()
		say(c, fmt.Sprintf("%sContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n", head, encoding, len(packed)))
		_, _ = c.Write(packed)
	}
}

// Redirect answers with a redirect to an address.
func Redirect(status int, to string) Answer {
	return raw(fmt.Sprintf("HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, to), nil)
}
