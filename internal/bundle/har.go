package bundle

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/wire"
)

// The shapes of an HTTP archive, version 1.2. Times are in milliseconds; -1 means that there is none.
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment,omitempty"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time   `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Server   string      `json:"serverIPAddress,omitempty"`
		Port     string      `json:"connection,omitempty"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method   string    `json:"method"`
		URL      string    `json:"url"`
		Protocol string    `json:"httpVersion"`
		Cookies  []harPair `json:"cookies"`
		Headers  []harPair `json:"headers"`
		Query    []harPair `json:"queryString"`
		HeadSize int       `json:"headersSize"`
		BodySize int       `json:"bodySize"`
		Comment  string    `json:"comment,omitempty"`
	}
	harResponse struct {
		Status   int        `json:"status"`
		Text     string     `json:"statusText"`
		Protocol string     `json:"httpVersion"`
		Cookies  []harPair  `json:"cookies"`
		Headers  []harPair  `json:"headers"`
		Content  harContent `json:"content"`
		Redirect string     `json:"redirectURL"`
		HeadSize int        `json:"headersSize"`
		BodySize int64      `json:"bodySize"`
		Error    string     `json:"_error,omitempty"` // why there is no answer: a cause, as findings have it
	}
	harContent struct {
		Size    int64  `json:"size"`
		Type    string `json:"mimeType"`
		Text    string `json:"text,omitempty"`
		Comment string `json:"comment,omitempty"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// newHAR is the log as an HTTP archive. Names, connections and handshakes are evidence of network and trust.
func newHAR(log *wire.Log, r *report.Report, p *pseudonymiser) ([]byte, error) {
	out := har{harLog{Version: "1.2", Creator: harCreator{"halocheck", r.Tool.Version}, Entries: []harEntry{}}}
	if log != nil {
		entries, lost := log.Entries()
		for _, e := range entries {
			out.Log.Entries = append(out.Log.Entries, p.harEntry(e))
		}
		if lost > 0 {
			out.Log.Comment = fmt.Sprintf("%d more exchanges are left out", lost)
		}
	}
	return safetext.JSON(out, "  ")
}

// harEntry is one exchange, with other names where they are due.
func (p *pseudonymiser) harEntry(e wire.Entry) harEntry {
	x := harEntry{
		Started: e.Started.UTC(),
		Request: harRequest{
			Method: e.Method, URL: p.pseudonymise(e.URL), Protocol: e.Proto, Cookies: []harPair{}, Headers: p.harHeaders(e.Request), Query: []harPair{},
			HeadSize: -1, BodySize: -1,
		},
		Response: harResponse{
			Status: e.Status, Text: http.StatusText(e.Status), Protocol: e.Proto, Cookies: []harPair{}, Headers: p.harHeaders(e.Answer), HeadSize: -1, BodySize: e.Size, Error: e.Cause,
			Content: harContent{Size: e.Size, Type: "x-unknown", Comment: e.Left},
		},
		Timings: harTimings{milliseconds(e.Blocked), -1, -1, -1, milliseconds(e.Send), milliseconds(e.Wait), milliseconds(e.Receive)},
	}
	for _, d := range []time.Duration{e.Blocked, e.Send, e.Wait, e.Receive} {
		x.Time += milliseconds(max(0, d))
	}
	if host, port, err := net.SplitHostPort(e.Address); err == nil {
		x.Server, x.Port = p.pseudonymise(host), port
	}
	if u, err := url.Parse(x.Request.URL); err == nil {
		query := u.Query()
		for _, name := range sortedKeys(query) {
			for _, value := range query[name] {
				x.Request.Query = append(x.Request.Query, harPair{name, value})
			}
		}
	}
	switch {
	case e.WithToken:
		x.Request.Comment = "sent with a token, which is not kept"
	case e.Form:
		x.Request.Comment = "a form was sent, which is not kept"
	}
	for _, h := range x.Response.Headers {
		switch h.Name {
		case "Content-Type":
			x.Response.Content.Type = h.Value
		case "Location":
			x.Response.Redirect = h.Value
		}
	}
	if e.Body != nil {
		if body, err := report.MapJSONStrings(e.Body, p.pseudonymise); err == nil {
			x.Response.Content.Text, x.Response.Content.Comment = string(body), "the fields of the allow-list"
		}
	}
	if e.Vantage != "" {
		x.Comment = "sent from the vantage point " + p.pseudonymise(e.Vantage)
	}
	return x
}

func (p *pseudonymiser) harHeaders(headers []wire.Header) []harPair {
	out := []harPair{}
	for _, h := range headers {
		out = append(out, harPair{h.Name, p.pseudonymise(h.Value)})
	}
	return out
}

func milliseconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return float64(d.Microseconds()) / 1000
}
