package wire

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
)

// asks repeats one request through a mocked transport until Retry is content.
func asks(t *testing.T, ctx context.Context, responder httpmock.Responder) (page Page, tries int, took time.Duration, err error) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodGet, "https://acme.example/api/authinfo", responder)
	client := &http.Client{Transport: mock}
	start := time.Now()
	page, err = new(Net).Retry(ctx, "https://acme.example/api/authinfo", func() (Page, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://acme.example/api/authinfo", nil)
		if err != nil {
			return Page{}, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return Page{}, err
		}
		return ReadPage(resp)
	})
	return page, mock.GetTotalCallCount(), time.Since(start), err
}

// limited answers 429 with a Retry-After.
func limited(after string) *http.Response {
	r := httpmock.NewStringResponse(http.StatusTooManyRequests, "Rate Limit Reached")
	if r.Header = (http.Header{}); after != "" {
		r.Header.Set("Retry-After", after)
	}
	return r
}

func TestRetryAfterIsObeyedWithinTheDeadline(t *testing.T) {
	for name, c := range map[string]struct {
		after     string
		deadline  time.Duration
		status    int // of the last answer
		tries     int
		atLeast   time.Duration
		notBeyond time.Duration
	}{
		"seconds":             {"7", time.Minute, 200, 3, 14 * time.Second, 15 * time.Second},
		"nothing said":        {"", time.Minute, 200, 3, 300 * time.Millisecond, 2 * time.Second},
		"zero":                {"0", time.Minute, 200, 3, 300 * time.Millisecond, 2 * time.Second}, // never without a pause
		"longer than we have": {"3600", 30 * time.Second, 429, 1, 0, 0},
		"nonsense":            {"soon", time.Minute, 200, 3, 300 * time.Millisecond, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				page, tries, took, err := asks(t, ctx, httpmock.ResponderFromMultipleResponses([]*http.Response{
					limited(c.after), limited(c.after), httpmock.NewStringResponse(http.StatusOK, "{}"),
				}))
				if err != nil || page.Status != c.status || tries != c.tries || page.Tries != c.tries {
					t.Errorf("status %d after %d tries (%d told), error %v; want %d after %d", page.Status, tries, page.Tries, err, c.status, c.tries)
				}
				if took < c.atLeast || took > c.notBeyond {
					t.Errorf("it took %v, not between %v and %v", took, c.atLeast, c.notBeyond)
				}
			})
		})
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"Mon, 23 Nov 2026 12:00:09 GMT": 9 * time.Second,
		"Mon, 23 Nov 2026 11:00:00 GMT": 0, // past: at once
	} {
		if got, ok := RetryAfter(Page{RetryAfter: text}, now); !ok || got != want {
			t.Errorf("%s: %v %v, want %v", text, got, ok, want)
		}
	}
	hour := Page{RetryAfter: "Mon, 23 Nov 2026 12:59:07 GMT", Date: "Mon, 23 Nov 2026 12:59:00 GMT"}
	if got, ok := RetryAfter(hour, now); !ok || got != 7*time.Second {
		t.Errorf("by the server's own clock: %v %v, want 7s", got, ok)
	}
	for _, text := range []string{"", "-1", "1.5", "tomorrow"} {
		if got, ok := RetryAfter(Page{RetryAfter: text}, now); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestWhatIsNotTransientIsAskedOnce(t *testing.T) {
	refusal := errors.New("x509: certificate signed by unknown authority")
	for name, responder := range map[string]httpmock.Responder{
		"granted":    httpmock.NewStringResponder(http.StatusOK, "{}"),
		"refused":    httpmock.NewStringResponder(http.StatusForbidden, ""),
		"a redirect": httpmock.NewStringResponder(http.StatusNotModified, ""),
		"an error":   httpmock.NewErrorResponder(refusal),
	} {
		synctest.Test(t, func(t *testing.T) {
			if _, tries, _, _ := asks(t, t.Context(), responder); tries != 1 {
				t.Errorf("%s: asked %d times", name, tries)
			}
		})
	}
}

func TestWhatStaysBrokenIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page, tries, took, err := asks(t, t.Context(), httpmock.NewStringResponder(http.StatusBadGateway, ""))
		if err != nil || page.Status != http.StatusBadGateway || tries < 6 || tries > 14 || took < 10*time.Second || took > 13*time.Second {
			t.Errorf("status %d after %d tries in %v, error %v", page.Status, tries, took, err)
		}
	})
}

// TestAHostIsWaitedForOnce: the requests of a run share ten seconds; a host that answers again has them anew.
func TestAHostIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n Net
		ask := func(host string, status func(try int) int) (tries int, took time.Duration) {
			begun := time.Now()
			page, err := n.Retry(t.Context(), "https://"+host+"/", func() (Page, error) {
				tries++
				return Page{Status: status(tries)}, nil
			})
			if err != nil || page.Tries != tries {
				t.Errorf("%d tries were counted as %d: %v", tries, page.Tries, err)
			}
			return tries, time.Since(begun)
		}
		down := func(int) int { return http.StatusInternalServerError }
		second := func(try int) int {
			if try == 1 {
				return http.StatusInternalServerError
			}
			return http.StatusOK
		}
		if _, took := ask("a.example", down); took < 10*time.Second {
			t.Errorf("the first request was given up after %v", took)
		}
		if tries, took := ask("a.example", down); tries != 3 || took > time.Second {
			t.Errorf("the next one was tried %d times in %v", tries, took)
		}
		if _, took := ask("b.example", down); took < 10*time.Second {
			t.Errorf("another host was given up after %v", took)
		}
		ask("a.example", second)
		if _, took := ask("a.example", down); took < 10*time.Second {
			t.Errorf("a host that had answered again was given up after %v", took)
		}
	})
}

// TestWhatWaitsSideBySideAsksSeldom: a host that stays broken is asked little more by eight requests than by one, each is tried
// three times at least, and a start-up of three seconds ends for all of them.
func TestWhatWaitsSideBySideAsksSeldom(t *testing.T) {
	for name, c := range map[string]struct {
		down, timeout time.Duration
		most          int
		status        int
	}{
		"broken":             {time.Hour, time.Minute, 40, http.StatusInternalServerError},
		"start-up":           {3 * time.Second, time.Minute, 40, http.StatusOK},
		"start-up, no time":  {3 * time.Second, 8 * time.Second, 60, http.StatusOK},
		"broken and no time": {time.Hour, 8 * time.Second, 120, http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				var n Net
				var wait sync.WaitGroup
				var all atomic.Int64
				begun := time.Now()
				for range 8 {
					wait.Go(func() {
						page, err := n.Retry(ctx, "https://a.example/", func() (Page, error) {
							all.Add(1)
							if time.Since(begun) < c.down {
								return Page{Status: http.StatusInternalServerError}, nil
							}
							return Page{Status: http.StatusOK}, nil
						})
						if err != nil || page.Status != c.status || page.Tries < 3 {
							t.Errorf("status %d after %d tries: %v", page.Status, page.Tries, err)
						}
					})
				}
				wait.Wait()
				if took := time.Since(begun); int(all.Load()) > c.most || took > 10*time.Second {
					t.Errorf("%d requests in %v", all.Load(), took)
				}
				if n.noteWaiting(Endpoint{}, 0) != 0 || len(n.waiting) > 2 {
					t.Errorf("still waiting: %v", n.waiting)
				}
			})
		})
	}
}

// One try is bounded below the run, and a pause that Retry-After asks for is not part of a try.
func TestAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for left, want := range map[time.Duration]time.Duration{0: requestTime, 10 * time.Second: 6 * time.Second, time.Hour: requestTime} {
			ctx, cancel := context.WithCancel(t.Context())
			if left > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), left)
			}
			try, end := Attempt(ctx)
			deadline, _ := try.Deadline()
			if got := time.Until(deadline); got != want {
				t.Errorf("%s left: a try has %s, want %s", left, got, want)
			}
			end()
			cancel()
		}
	})
}

// TestAStartUpDoesNotEndTheRun: three seconds of 503, and Retry-After 1 four times, are followed by the answer.
func TestAStartUpDoesNotEndTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		page, _, took, err := asks(t, t.Context(), func(*http.Request) (*http.Response, error) {
			if time.Since(begun) < 3*time.Second {
				return httpmock.NewStringResponse(http.StatusServiceUnavailable, ""), nil
			}
			return httpmock.NewStringResponse(http.StatusOK, "{}"), nil
		})
		if err != nil || page.Status != http.StatusOK || took > 6*time.Second {
			t.Errorf("a start-up: status %d after %v: %v", page.Status, took, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		page, tries, took, err := asks(t, t.Context(), httpmock.ResponderFromMultipleResponses([]*http.Response{
			limited("1"), limited("1"), limited("1"), limited("1"), httpmock.NewStringResponse(http.StatusOK, "{}"),
		}))
		if err != nil || page.Status != http.StatusOK || tries != 5 || took < 4*time.Second || took > 9*time.Second {
			t.Errorf("Retry-After 1 four times: status %d after %d tries in %v: %v", page.Status, tries, took, err)
		}
	})
}
