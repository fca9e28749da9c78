package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of a log.
const (
	maxEntries = 500
	maxKept    = 256 << 10 // bytes of one body that are looked at; a longer one is not kept at all
	maxRows    = 100       // of a list in a body
	maxNames   = 5000      // people and customers, to be looked for elsewhere
)

// Log keeps what was exchanged over HTTP, from allow-lists alone and decided while it happens: a header, a query's
// field or a body's field that is not on one is never held. The body of a request is never kept.
type Log struct {
	Shape Shape    // the fields of an answer's JSON that are kept
	Query []string // the fields of a query that are kept
	Names []string // the fields of any object that name somebody: they are not kept, but told apart by [Log.Named]

	mu    sync.Mutex
	kept  []*Entry
	lost  int
	named map[string]bool
}

// Shape is which fields of a JSON object are kept: those without a shape of their own as plain values, the others as
// objects or as lists of them.
type Shape map[string]Shape

// Entry is one request and what came of it. A duration is negative where it does not apply.
type Entry struct {
	Started         time.Time
	Method, URL     string
	WithToken       bool   // an Authorization header was sent
	Form            bool   // a form was sent: the token request
	Vantage         string // the vantage point it was sent from; empty: this machine
	Address         string
	Request, Answer []Header
	Proto           string
	Status          int // 0: no answer
	Body            []byte
	Size            int64  // bytes of the whole body that were read
	Left            string // why no body is kept
	Cause           string // why there is no answer
	Reused          bool

	Blocked, Send, Wait, Receive time.Duration
}

// Header is a header that is kept.
type Header struct{ Name, Value string }

// requestHeaders and answerHeaders are all that is kept of headers.
var (
	requestHeaders = []string{"Accept", "Content-Type", "User-Agent"}
	answerHeaders  = []string{"Allow", "Content-Length", "Content-Type", "Date", "Location", "Retry-After", "Server", "Via", "Www-Authenticate"}
)

// Entries are the kept ones in the order in which they began, and how many there was no room for. It waits for nobody:
// an answer that is still being read is left out.
func (l *Log) Entries() (kept []Entry, lost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.kept {
		kept = append(kept, *x)
	}
	slices.SortStableFunc(kept, func(a, b Entry) int { return a.Started.Compare(b.Started) })
	return kept, l.lost
}

// Named are the people and customers that answers named, so that they can be taken out of whatever else tells of them.
func (l *Log) Named() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.named))
}

// notice remembers who is named anywhere in a body.
func (l *Log) notice(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			l.notice(item)
		}
	case map[string]any:
		for name, item := range v {
			text, isText := item.(string)
			switch {
			case !isText:
				l.notice(item)
			case slices.Contains(l.Names, name) && len(l.named) < maxNames:
				if l.named == nil {
					l.named = map[string]bool{}
				}
				l.named[Bound(text)] = true
			}
		}
	}
}

func (l *Log) keep(x *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) == maxEntries {
		l.lost++
		return
	}
	l.kept = append(l.kept, x)
}

// wrap returns send with everything that may be kept of its requests put into the log.
func (l *Log) wrap(vantage string, send func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) { return l.roundTrip(req, vantage, send) }
}

// roundTrip sends a request and keeps what may be kept of it.
func (l *Log) roundTrip(req *http.Request, vantage string, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	var mu sync.Mutex // a connection that lost a race is still traced
	var got, wrote, first time.Time
	x := &Entry{
		Started: time.Now(), Method: req.Method, URL: l.address(req.URL), WithToken: req.Header.Get("Authorization") != "",
		Form: req.Method == http.MethodPost, Vantage: vantage, Request: chosen(req.Header, requestHeaders),
	}
	mark := func(at *time.Time) {
		mu.Lock()
		defer mu.Unlock()
		*at = time.Now()
	}
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			mark(&got)
			mu.Lock()
			defer mu.Unlock()
			x.Address, x.Reused = info.Conn.RemoteAddr().String(), info.Reused
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { mark(&wrote) },
		GotFirstResponseByte: func() { mark(&first) },
	}
	resp, err := send(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	mu.Lock()
	defer mu.Unlock()
	x.Blocked, x.Send, x.Wait, x.Receive = between(x.Started, got), between(got, wrote), between(wrote, first), -1
	if err != nil {
		if x.Cause = Cause(err); x.Cause == "" {
			x.Cause = "not_observed"
		}
		l.keep(x)
		return resp, err
	}
	x.Proto, x.Status, x.Answer = resp.Proto, resp.StatusCode, chosen(resp.Header, answerHeaders)
	resp.Body = &tap{ReadCloser: resp.Body, log: l, x: x, from: first}
	return resp, nil
}

// between is the time from one moment to another; negative where one of them did not come.
func between(a, b time.Time) time.Duration {
	if a.IsZero() || b.IsZero() {
		return -1
	}
	return max(0, b.Sub(a))
}

// address is a URL with the allowed fields of its query.
func (l *Log) address(u *url.URL) string {
	out := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	query := url.Values{}
	for name, values := range u.Query() {
		if slices.Contains(l.Query, name) {
			query[name] = values
		}
	}
	out.RawQuery = query.Encode()
	return out.String()
}

// chosen are the headers on a list, in its order. Of a redirect only the server is kept, and of a challenge its scheme.
func chosen(h http.Header, names []string) []Header {
	out := []Header{}
	for _, name := range names {
		for _, value := range h[name] {
			switch name {
			case "Location":
				u, err := url.Parse(value)
				if err != nil || u.Host == "" {
					continue
				}
				value = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
			case "Www-Authenticate":
				value, _, _ = strings.Cut(value, " ")
			}
			out = append(out, Header{name, Bound(value)})
		}
	}
	return out
}

// tap is a body that is looked at while it is read. It keeps its exchange when it is closed.
type tap struct {
	io.ReadCloser
	log  *Log
	x    *Entry
	from time.Time
	head bytes.Buffer
	once sync.Once
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.x.Size += int64(n)
	if room := maxKept + 1 - t.head.Len(); room > 0 {
		t.head.Write(p[:min(n, room)])
	}
	return n, err
}

func (t *tap) Close() error {
	t.once.Do(func() {
		t.x.Receive = between(t.from, time.Now())
		t.x.Body, t.x.Left = t.log.cut(t.head.Bytes())
		t.head = bytes.Buffer{}
		t.log.keep(t.x)
	})
	return t.ReadCloser.Close()
}

// cut is what of a body is kept, as JSON; left says why there is nothing.
func (l *Log) cut(body []byte) (kept []byte, left string) {
	switch {
	case len(body) == 0:
		return nil, ""
	case len(body) > maxKept:
		return nil, "too long to be kept"
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil, "not JSON, so nothing of it is kept"
	}
	l.mu.Lock()
	l.notice(value)
	l.mu.Unlock()
	cut, ok := l.Shape.of(value)
	if !ok {
		return nil, "nothing in it is on the list of what is kept"
	}
	kept, err := json.Marshal(cut)
	if err != nil {
		return nil, "not JSON, so nothing of it is kept"
	}
	return kept, ""
}

// of is what of a value the shape allows; a value of another kind than the shape's is left out.
func (s Shape) of(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		if s == nil {
			return nil, false
		}
		out := map[string]any{}
		for name, inner := range s {
			if value, ok := v[name]; ok {
				if cut, ok := inner.of(value); ok {
					out[name] = cut
				}
			}
		}
		return out, true
	case []any:
		if s == nil {
			return nil, false
		}
		out := []any{}
		for _, item := range v[:min(len(v), maxRows)] {
			if cut, ok := s.of(item); ok {
				out = append(out, cut)
			}
		}
		return out, true
	case string:
		return Bound(v), s == nil
	}
	return v, s == nil
}
