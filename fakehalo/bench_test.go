package fakehalo_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// connections is how many clients ask at the same time.
const connections = 16

// perSecond asks requests times over 16 kept-alive connections, one request at a time on each, and tells how many were
// answered in a second. The answers are read and counted, and their size is checked.
func perSecond(b *testing.B, make func() *http.Request, requests, size int) float64 {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(requests))
	var workers sync.WaitGroup
	start := time.Now()
	for range connections {
		workers.Go(func() {
			for left.Add(-1) >= 0 {
				resp, err := client.Do(make())
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != 200 || size > 0 && int(n) != size {
					b.Errorf("%d, %d bytes, %v", resp.StatusCode, n, err)
					return
				}
			}
		})
	}
	workers.Wait()
	return float64(requests) / time.Since(start).Seconds()
}

// canned answers every request with the same bytes, as cheaply as net/http can.
func canned(b *testing.B, body []byte, kind string) *httptest.Server {
	ceiling := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = r.ParseForm()
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	}))
	b.Cleanup(ceiling.Close)
	return ceiling
}

// compareWith measures two servers in turns, so that a busy machine is unfair to both, and reports the ratio.
func compareWith(b *testing.B, of, to func() *http.Request, requests, size int) {
	perSecond(b, of, requests/4, 0) // warm
	perSecond(b, to, requests/4, 0)
	var mine, ceiling float64
	rounds := 0
	for b.Loop() {
		for range 3 {
			mine += perSecond(b, of, requests, size)
			ceiling += perSecond(b, to, requests, size)
			rounds++
		}
	}
	b.ReportMetric(mine/float64(rounds), "fake/s")
	b.ReportMetric(ceiling/float64(rounds), "canned/s")
	b.ReportMetric(100*mine/ceiling, "%ofcanned")
}

// plain is a fake without TLS, so that what is measured is not the encryption.
func plain(b *testing.B, tickets int) (*fakehalo.Server, string) {
	s := serveWith(b, fakehalo.Options{PlainHTTP: true, Seed: fakehalo.Seed{Number: 1, Sizes: map[string]int{"Tickets": tickets}}})
	return s, bearerOf(b, s.AuthURL, tokenForm(s))
}

func tokenForm(s *fakehalo.Server) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {s.Admin.ClientID}, "client_secret": {s.Admin.ClientSecret}, "scope": {"all"}}
}

// request makes one with a bearer token.
func request(address, bearer string) func() *http.Request {
	return func() *http.Request {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			panic(err)
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		return r
	}
}

func BenchmarkPageOf50Tickets(b *testing.B) {
	s, bearer := plain(b, 1000)
	page := request(s.URL+"/api/Tickets?pageinate=true&page_no=3&page_size=50", bearer)
	resp, err := http.DefaultClient.Do(page())
	if err != nil {
		b.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	ceiling := canned(b, body, "application/json; charset=utf-8")
	compareWith(b, page, request(ceiling.URL+"/api/Tickets?pageinate=true&page_no=3&page_size=50", bearer), 20_000, len(body))
	b.ReportMetric(float64(len(body))/1000, "kB")
	for name, serve := range map[string]func(*testing.B, []byte) string{"json-server/s": withJSONServer, "prism/s": withPrism} {
		if address := serve(b, body); address != "" {
			b.ReportMetric(perSecond(b, request(address, ""), 2000, 0), name)
		}
	}
}

// BenchmarkFortyPagesOf100000 asks for 40 different pages in turns, so that no answer is like the one before.
func BenchmarkFortyPagesOf100000(b *testing.B) {
	s, bearer := plain(b, 100_000)
	page := func(n int64) *http.Request {
		return request(fmt.Sprintf("%s/api/Tickets?pageinate=true&page_no=%d&page_size=50&order=summary", s.URL, 1+n%40), bearer)()
	}
	var n atomic.Int64
	resp, err := http.DefaultClient.Do(page(0))
	if err != nil {
		b.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	ceiling := canned(b, body, "application/json; charset=utf-8")
	compareWith(b, func() *http.Request { return page(n.Add(1)) }, request(ceiling.URL+"/api/Tickets?pageinate=true&page_no=3&page_size=50", bearer), 20_000, 0)
}

func BenchmarkToken(b *testing.B) {
	s, _ := plain(b, 0)
	form := tokenForm(s).Encode()
	login := func(address string) func() *http.Request {
		return func() *http.Request {
			r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form))
			if err != nil {
				panic(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		}
	}
	resp, err := http.DefaultClient.Do(login(s.AuthURL + "/token")())
	if err != nil {
		b.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	ceiling := canned(b, body, "application/json;charset=UTF-8")
	compareWith(b, login(s.AuthURL+"/token"), login(ceiling.URL+"/auth/token"), 10_000, len(body))
}

// BenchmarkPageFrom100000 walks through filtered and sorted pages. The first page of a selection makes it, which is told
// apart: that grows with the number of tickets. The pages after it do not, though every tenth request is a write.
func BenchmarkPageFrom100000(b *testing.B) {
	walk := func(tickets int) (first, each time.Duration) {
		s, bearer := plain(b, tickets)
		n := 0
		page := func() {
			n++
			if n%10 == 0 {
				ask(b, http.MethodPost, s.URL+"/api/Tickets", bearer, `[{"id":2001,"impact":2}]`)
				return
			}
			ask(b, http.MethodGet, fmt.Sprintf("%s/api/Tickets?pageinate=true&page_size=50&page_no=%d&order=summary", s.URL, 1+n%6), bearer, "")
		}
		runtime.GC() // as the command does before it is ready
		start := time.Now()
		page()
		first = time.Since(start)
		start = time.Now()
		for range 300 {
			page()
		}
		return first, time.Since(start) / 300
	}
	var small, large, first time.Duration
	for b.Loop() {
		_, each := walk(1000)
		small += each
		once, each := walk(100_000)
		first, large = first+once, large+each
	}
	b.ReportMetric(float64(first.Microseconds())/1000/float64(b.N), "ms-first-of-100000")
	b.ReportMetric(float64(small.Microseconds())/float64(b.N), "µs-of-1000")
	b.ReportMetric(float64(large.Microseconds())/float64(b.N), "µs-of-100000")
	b.ReportMetric(float64(large)/float64(small), "times")
}

// BenchmarkWritesBesidePages writes to 100,000 tickets of a process of its own: before anything was read, and after forty
// selections were, with a page read after every fiftieth write. It tells what is resident at the end.
func BenchmarkWritesBesidePages(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		f := startFake(b, binary, "--size", "Tickets=100000")
		write := func(n int) {
			ask(b, http.MethodPost, f.URL+"/api/Tickets", f.bearer, fmt.Sprintf(`[{"id":%d,"summary":"Changed %d"}]`, 2001+n*7919%100_000, n))
		}
		rate := func(each func(int)) float64 {
			start := time.Now()
			for n := range 5000 {
				each(n)
			}
			return 5000 / time.Since(start).Seconds()
		}
		unread := rate(write)
		page := func(n int) {
			order := []string{"id", "summary", "client_name", "team"}[n%4]
			ask(b, http.MethodGet, fmt.Sprintf("%s/api/Tickets?pageinate=true&page_size=50&order=%s&client_id=%d", f.URL, order, n%10), f.bearer, "")
		}
		for n := range 40 {
			page(n)
		}
		b.ReportMetric(unread, "unread/s")
		b.ReportMetric(rate(write), "after-pages/s")
		b.ReportMetric(rate(func(n int) {
			write(n)
			if n%50 == 0 {
				page(n)
			}
		}), "beside-pages/s")
		b.ReportMetric(residentMiB(b, f.process.Process.Pid), "MiB-resident")
		f.stop()
	}
}

// BenchmarkStateWrites writes to a state file over 64 connections; what is acknowledged is on disk.
func BenchmarkStateWrites(b *testing.B) {
	const writers, writes = 64, 10_000
	s := serveWith(b, fakehalo.Options{PlainHTTP: true, State: filepath.Join(b.TempDir(), "state.db")})
	bearer := bearerOf(b, s.AuthURL, tokenForm(s))
	var acknowledged float64
	for b.Loop() {
		var left atomic.Int64
		left.Store(writes)
		var all sync.WaitGroup
		start := time.Now()
		for range writers {
			all.Go(func() {
				for n := left.Add(-1); n >= 0; n = left.Add(-1) {
					ask(b, http.MethodPost, s.URL+"/api/Tickets", bearer, fmt.Sprintf(`[{"summary":"Ticket %d"}]`, n))
				}
			})
		}
		all.Wait()
		acknowledged += writes / time.Since(start).Seconds()
	}
	b.ReportMetric(acknowledged/float64(b.N), "acknowledged/s")
}

// BenchmarkStart starts the real program: until its first answer over TLS is complete, and what is resident then.
func BenchmarkStart(b *testing.B) {
	binary := build(b)
	var took time.Duration
	var resident float64
	for b.Loop() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		start := time.Now()
		process := exec.Command(binary, "fake", "--rate-limit", "off", "--addr", address)
		if err := process.Start(); err != nil {
			b.Fatal(err)
		}
		firstAnswer(b, address)
		took += time.Since(start)
		time.Sleep(200 * time.Millisecond) // at rest
		resident += residentMiB(b, process.Process.Pid)
		_ = process.Process.Kill()
		_ = process.Wait()
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "ms-to-first-answer")
	b.ReportMetric(resident/float64(b.N), "MiB-resident")
}
