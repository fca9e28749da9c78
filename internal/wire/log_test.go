package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testLog keeps a few fields.
func testLog() *Log {
	return &Log{Shape: Shape{"id": nil, "error": nil, "rows": {"id": nil}}, Query: []string{"page_no"}}
}

// answered is a request that is answered with a body, read to its end.
func answered(t *testing.T, l *Log, req *http.Request, header http.Header, body string) Entry {
	t.Helper()
	resp, err := l.roundTrip(req, "", func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/2.0", Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	kept, _ := l.Entries()
	return kept[len(kept)-1]
}

func TestTheLogKeepsWhatIsListedAlone(t *testing.T) {
	const canary = "Canary0123456789"
	l := testLog()
	req, err := http.NewRequest(http.MethodPost, "https://acme.example/auth/token?page_no=2&code="+canary, strings.NewReader("client_secret="+canary))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+canary)
	req.Header.Set("Cookie", canary)
	req.Header.Set("Accept", "application/json")
	x := answered(t, l, req, http.Header{
		"Set-Cookie": {canary}, "X-Echo": {canary}, "Server": {"IIS"}, "Location": {"https://other.example/" + canary},
		"Www-Authenticate": {"Bearer realm=" + canary},
	}, `{"id":7,"access_token":"`+canary+`","rows":[{"id":1,"name":"`+canary+`"},"`+canary+`"],"error":{"text":"`+canary+`"}}`)
	if string(x.Body) != `{"id":7,"rows":[{"id":1}]}` || x.Left != "" {
		t.Errorf("%s %s", x.Body, x.Left)
	}
	want := []Header{{"Location", "https://other.example"}, {"Server", "IIS"}, {"Www-Authenticate", "Bearer"}}
	if diff := cmp.Diff(want, x.Answer); diff != "" {
		t.Error(diff)
	}
	if x.URL != "https://acme.example/auth/token?page_no=2" || !x.WithToken || !x.Form || len(x.Request) != 1 {
		t.Errorf("%+v", x)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(canary))
	if whole := fmt.Sprintf("%+v", l.kept[0]); strings.Contains(whole, canary) || strings.Contains(whole, encoded) {
		t.Error(whole)
	}
}

func TestTheLogIsBounded(t *testing.T) {
	l := testLog()
	req, err := http.NewRequest(http.MethodGet, "https://acme.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for body, left := range map[string]string{
		"":                    "",
		"<html>a page</html>": "not JSON, so nothing of it is kept",
		`"text"`:              "nothing in it is on the list of what is kept",
		strings.Repeat(" ", maxKept) + `{"id":1}`: "too long to be kept",
	} {
		if x := answered(t, l, req, nil, body); x.Body != nil || x.Left != left || x.Size != int64(len(body)) {
			t.Errorf("%.20q: %q %s %d", body, x.Body, x.Left, x.Size)
		}
	}
	rows := `[` + strings.Repeat(`{"id":1},`, 2*maxRows) + `{"id":"` + strings.Repeat("x", 2*MaxText) + `"}]`
	if x := answered(t, l, req, nil, `{"rows":`+rows+`}`); bytes.Count(x.Body, []byte("id")) != maxRows {
		t.Errorf("%d rows", bytes.Count(x.Body, []byte("id")))
	}
	for range maxEntries {
		resp, err := l.roundTrip(req, "office", func(*http.Request) (*http.Response, error) { return nil, io.EOF })
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	kept, lost := l.Entries()
	if len(kept) != maxEntries || lost != 5 || kept[len(kept)-1].Cause != "connection_closed" {
		t.Errorf("%d kept, %d lost", len(kept), lost)
	}
}
