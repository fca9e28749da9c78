package contract_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/contract"
)

// runner is what a user writes to prove a client with a session.
type runner struct {
	*testing.T
	*contract.Session
	url string
}

func newRunner(t *testing.T, opts ...contract.Option) *runner {
	s, err := contract.NewSession(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	server := httptest.NewServer(s.Handler("127.0.0.1:0", ""))
	t.Cleanup(server.Close)
	return &runner{t, s, server.URL}
}

// ask sends a request, and reads what it answers into out where it is not nil.
func (r *runner) ask(method, path, body string, out any) (status int, text string) {
	request, err := http.NewRequestWithContext(r.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		r.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

// prove runs a client through every case.
func (r *runner) prove(client contract.Client) {
	var step contract.Step
	r.ask("GET", "/case", "", &step)
	for !step.Over {
		c := *step.Connection
		_, pem := r.ask("GET", "/ca.pem", "", nil)
		c.Roots = x509.NewCertPool()
		c.Roots.AppendCertsFromPEM([]byte(pem))
		said := map[string]any{"class": "done", "case": step.Case}
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		err := client(ctx, c)
		cancel()
		if err != nil {
			said["class"], said["message"] = classOf(err), err.Error()
		}
		raw, err := json.Marshal(said)
		if err != nil {
			r.Fatal(err)
		}
		step = contract.Step{}
		r.ask("POST", "/case", string(raw), &step)
	}
}

// TestASessionSaysWhatRunSays of the same client.
func TestASessionSaysWhatRunSays(t *testing.T) {
	t.Parallel()
	client := careless{followsRedirects: true, onePage: true, oneClass: true}.client
	opts := []contract.Option{contract.Classify(classOf), contract.Only("secret-redirect", "paging", "error-class"), contract.Except("paging/capped", "one page is all it shows")}
	want, err := contract.Verdicts(t.Context(), client, opts...)
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, opts...)
	r.prove(client)
	var got contract.Report
	_, text := r.ask("GET", "/verdict", "", &got)
	if diff := cmp.Diff(want, got.Verdicts); diff != "" {
		t.Error(diff)
	}
	if got.Outcome != "fail" || got.Cases != got.Of || got.Passed+got.Failed+got.Skipped != len(want) || got.Skipped != 1 {
		t.Error(text)
	}
	select {
	case <-r.Over():
	default:
		t.Error("it is not over")
	}
	if status, text := r.ask("POST", "/case", `{"class": "done"}`, nil); status != http.StatusConflict || text != "every case is over; GET /verdict says how\n" {
		t.Error(status, text)
	}
	_, raw := r.ask("GET", "/junit", "", nil)
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name  string `xml:"name,attr"`
			Class string `xml:"classname,attr"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(raw), &suite); err != nil {
		t.Fatal(err)
	}
	if suite.Tests != len(want) || suite.Failures != got.Failed || suite.Skipped != 1 || suite.Cases[0].Class != "contract.job" || suite.Cases[0].Name != "healthy" {
		t.Error(raw)
	}
}

// TestASessionThatIsNotFinished is no pass, and says what is left.
func TestASessionThatIsNotFinished(t *testing.T) {
	t.Parallel()
	r := newRunner(t, contract.Only("paging"), contract.Patience(time.Second), contract.On(fakehalo.Options{Seed: fakehalo.Seed{Sizes: map[string]int{"Tickets": 7}}}))
	for body, status := range map[string]int{
		`{"class": "fine"}`: http.StatusBadRequest, `{"klass": "done"}`: http.StatusBadRequest, `{"class": "done", "case": "capped"}`: http.StatusConflict,
	} {
		if got, text := r.ask("POST", "/case", body, nil); got != status {
			t.Error(body, got, text)
		}
	}
	c := r.Connection()
	c.Roots = x509.NewCertPool()
	_, pem := r.ask("GET", "/ca.pem", "", nil)
	c.Roots.AppendCertsFromPEM([]byte(pem))
	if err := (careless{}).client(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, journal := r.ask("GET", "/journal", "", nil); !strings.Contains(journal, `"of":6}`) { // the agent does not see one of them
		t.Errorf("not the instance that it was told to be: %s", journal)
	}
	var out bytes.Buffer
	if err := r.Report().JUnit(&out); err != nil || !strings.Contains(out.String(), `<error message="only 0 of 3 cases are over"></error>`) || r.Report().Outcome != "incomplete" {
		t.Error(out.String(), err)
	}
	time.Sleep(1100 * time.Millisecond) // it takes longer than it may
	r.ask("POST", "/case", `{"class": "done", "message": "\u001b[2Jlate"}`, nil)
	if v := r.Report().Verdicts[0]; v.Status != "fail" || !strings.Contains(v.Says, "It did not come to an end") {
		t.Error(v)
	}
	out.Reset()
	if err := r.Report().JUnit(&out); err != nil || strings.Contains(out.String(), "\x1b") {
		t.Error(out.String(), err)
	}
	if _, text := r.ask("GET", "/case", "", nil); text != `{"over":true,"outcome":"fail","enough":false,"of":3}`+"\n" {
		t.Error(text)
	}
}

// TestASessionIsNoPagesToAsk: its listener is guarded as the fake's own is.
func TestASessionIsNoPagesToAsk(t *testing.T) {
	t.Parallel()
	h := newRunner(t, contract.Only("paging")).Handler("127.0.0.1:0", "")
	for host, status := range map[string]int{"localhost:1": http.StatusOK, "127.0.0.1:1": http.StatusOK, "evil.example": http.StatusForbidden} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/case", nil)
		request.Host = host
		h.ServeHTTP(answer, request)
		if answer.Code != status {
			t.Error(host, answer.Code)
		}
	}
}
