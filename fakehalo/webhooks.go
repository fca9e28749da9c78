package fakehalo

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Delivery is what became of one event that a webhook had to be told of.
type Delivery struct {
	At       time.Time `json:"at"`
	Webhook  string    `json:"webhook"` // its id
	URL      string    `json:"url"`
	Event    string    `json:"event"` // "created Tickets", "updated Tickets", "deleted Tickets"
	Attempts int       `json:"attempts"`
	Status   int       `json:"status,omitempty"` // of the last attempt; 0: no answer
	Error    string    `json:"error,omitempty"`  // why there was none
}

// Deliveries of an event are tried so often, each time after twice the wait. How often and when HaloPSA tries is not known.
const (
	deliveryAttempts = 3
	deliveryWait     = 100 * time.Millisecond
	deliveryTimeout  = 5 * time.Second
	maxDeliveries    = 1000 // that are remembered
)

var errElsewhere = errors.New("webhooks are delivered to this machine alone, unless the fake was started otherwise")

// onlyHere refuses a connection to another machine.
func onlyHere(_, address string, _ syscall.RawConn) error {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return errElsewhere
	}
	return nil
}

// Deliveries are the events so far and what became of them, oldest first. One is there when its last attempt is over.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery{}, s.delivered...) // [], not null, in JSON
}

// tell delivers what was written to every webhook that is on, in the background. The outline of the body is that of
// GET /WebhookEvent (halo-live, HCLI) with the record; it is not signed, since nobody tells how HaloPSA does it.
func (s *Server) tell(event string, res *resource, records [][]byte) {
	hooks := s.store.tables["webhook"]
	if res.name == "Webhook" || len(records) == 0 || hooks.empty() {
		return
	}
	now := s.now()
	for _, r := range hooks.all() {
		hook := hooks.record(r)
		url, _ := hook["url"].(string)
		if url == "" || hook["enabled"] != true && hook["active"] != true {
			continue
		}
		id, _ := hook["id"].(string)
		for _, raw := range records {
			body := encode(record{
				"id": guid(int(s.events.Add(1))), "webhook_id": id, "timestamp": now.UTC().Format("2006-01-02T15:04:05.999"), "event": event,
				"object": json.RawMessage(raw),
			})
			s.wait.Go(func() { s.deliver(Delivery{At: now, Webhook: id, URL: url, Event: event}, body) })
		}
	}
}

// deliver tries until the receiver answers with a 2xx.
func (s *Server) deliver(d Delivery, body string) {
	dialer := &net.Dialer{Timeout: deliveryTimeout, Control: onlyHere}
	if s.options.WebhooksAnywhere {
		dialer.Control = nil
	}
	client := &http.Client{
		Timeout: deliveryTimeout, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	wait := deliveryWait
	for d.Attempts < deliveryAttempts && s.closing.Err() == nil {
		if d.Attempts > 0 {
			sleep(s.closing, wait)
			wait *= 2
		}
		d.Attempts++
		d.Status, d.Error = sendEvent(s.closing, client, d.URL, body)
		if d.Status/100 == 2 || strings.Contains(d.Error, errElsewhere.Error()) {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.delivered) >= maxDeliveries {
		s.delivered = s.delivered[1:]
	}
	s.delivered = append(s.delivered, d)
}

// sendEvent sends one event; says is why there is no status.
func sendEvent(ctx context.Context, client *http.Client, url, body string) (status int, says string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	_ = resp.Body.Close()
	return resp.StatusCode, ""
}
