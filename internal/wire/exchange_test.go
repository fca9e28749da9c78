package wire

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

func TestAnExchangeIsToldAndTheAnswerIsStillThere(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = w.Write([]byte("told " + r.PostForm.Get("a")))
	}))
	defer server.Close()
	roots, err := NewRoots(nil)
	if err != nil {
		t.Fatal(err)
	}
	var heard []Exchange
	n := &Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, OnExchange: func(x Exchange) { heard = append(heard, x) }}
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	through := n.WithDialer(&net.Dialer{})
	defer through.Close()
	through.Vantage = "3.19.3.152"
	page, err := through.Once(ctx, Request{Method: http.MethodPost, URL: server.URL + "/", Form: url.Values{"a": {"b"}}})
	if err != nil || string(page.Body) != "told b" {
		t.Fatal(err, string(page.Body))
	}
	if _, err := n.Once(ctx, Request{Method: http.MethodGet, URL: server.URL + "/broken"}); Cause(err) != "connection_closed" {
		t.Errorf("a body that breaks off is an error still, not %v", err)
	}
	if len(heard) != 2 {
		t.Fatalf("%d exchanges were told", len(heard))
	}
	if x := heard[0]; x.Vantage != "3.19.3.152" || x.Form.Get("a") != "b" || string(x.Body) != "told b" || x.Answer.StatusCode != 200 || x.Err != nil {
		t.Errorf("%+v", x)
	}
	if x := heard[1]; x.Vantage != "" || x.Form != nil || string(x.Body) != "told " || Cause(x.Err) != "connection_closed" {
		t.Errorf("%+v", x)
	}
}
