package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// Exchange is one HTTP request and what came back, secrets included: see [Net.OnExchange].
type Exchange struct {
	Vantage string // the vantage point; empty: this machine
	Request *http.Request
	Form    url.Values     // the request's form; nil where it has none
	Answer  *http.Response // nil: none came. Its body is Body
	Body    []byte         // as much as is read of an answer
	Err     error          // why no answer came, or why its body broke off
}

// tell reads an answer's body, puts it back, and tells of the exchange.
func (n *Net) tell(req *http.Request, resp *http.Response, err error) {
	x := Exchange{Vantage: n.Vantage, Request: req, Answer: resp, Err: err}
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			raw, _ := io.ReadAll(io.LimitReader(body, maxHeader)) // our own form, in memory
			x.Form, _ = url.ParseQuery(string(raw))
		}
	}
	if resp != nil {
		var broke error
		x.Body, broke = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		resp.Body = &replayedBody{rest: bytes.NewReader(x.Body), after: broke, Closer: resp.Body}
		x.Err = answerError(broke)
	}
	n.OnExchange(x)
}

// replayedBody is a body that was read before, with the error that it ended in.
type replayedBody struct {
	io.Closer
	rest  *bytes.Reader
	after error // nil: it was whole
}

func (a *replayedBody) Read(p []byte) (int, error) {
	n, err := a.rest.Read(p)
	if errors.Is(err, io.EOF) && a.after != nil {
		err = a.after
	}
	return n, err
}
