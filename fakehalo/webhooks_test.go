package fakehalo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// What is written reaches the webhooks that are on, again where the receiver fails, and never another machine.
func TestWebhooksAreDelivered(t *testing.T) {
	var calls atomic.Int32
	bodies := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		bodies <- string(raw)
	}))
	defer receiver.Close()
	s := serve(t)
	made := writeAsAdmin(t, s, http.MethodPost, "Webhook", `[{"name":"mine","url":"`+receiver.URL+`/hook","active":true},{"name":"off","url":"`+receiver.URL+`/off"},
		{"name":"elsewhere","url":"http://192.0.2.1/hook","enabled":true}]`)
	if made.Status != 201 {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	write(t, s, http.MethodPost, "Tickets", `[{"summary":"Told of"}]`)
	var got struct {
		Event     string
		Webhook   string `json:"webhook_id"`
		Timestamp string
		Object    struct{ Summary string }
	}
	select {
	case body := <-bodies:
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.Event != "created Tickets" || got.Object.Summary != "Told of" || len(got.Webhook) != 36 || got.Timestamp == "" {
			t.Errorf("%v: %s", err, body)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
	}
	for range 600 { // a guard against hanging alone
		if len(s.Deliveries()) == 2 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, d := range s.Deliveries() {
		if here := d.URL == receiver.URL+"/hook"; here && (d.Attempts != 2 || d.Status != 200) || !here && (d.Attempts != 1 || !strings.Contains(d.Error, "this machine alone")) {
			t.Errorf("%+v", d)
		}
	}
	if _, said := admin(t, "GET", s.AdminURL+"/deliveries", ""); !strings.Contains(said, `"event":"created Tickets"`) {
		t.Errorf("the admin listener tells %s", said)
	}
}
