//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// TestStreams measures how much memory the server takes while HALOCHECK_STREAMS pages follow a check, and when the first verdict is
// on them: `make streams` prints it.
func TestStreams(t *testing.T) {
	many, _ := strconv.Atoi(os.Getenv("HALOCHECK_STREAMS"))
	if many == 0 {
		t.Skip("make streams runs it")
	}
	program := filepath.Join(t.TempDir(), "halocheckd")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	fake := fakehalo.Start()
	defer fake.Close()
	at, err := url.Parse(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, "serve", "--database", filepath.Join(t.TempDir(), "team.db"), "--allow-private", "--port", at.Port())
	printed, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }()
	line, _ := bufio.NewReader(printed).ReadString('\n')
	base := strings.TrimSuffix(regexp.MustCompile(`http://[0-9.:]+/`).FindString(line), "/")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{}}
	began := time.Now()
	resp, err := client.PostForm(base+"/runs", url.Values{"url": {fake.URL}, "ca-file": {string(fake.CAPEM)}, "aia": {"private"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	page := base + resp.Header.Get("Location")
	first := make(chan time.Duration, many)
	for range many {
		stream, err := client.Get(page + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		go func() {
			_, _ = bufio.NewReader(stream.Body).ReadString('{') // the first event with data
			first <- time.Since(began)
			_, _ = io.Copy(io.Discard, stream.Body)
		}()
	}
	slowest := time.Duration(0)
	for range many {
		slowest = max(slowest, <-first)
	}
	time.Sleep(3 * time.Second)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", server.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	peak, _ := strconv.Atoi(regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(string(status))[1])
	t.Logf("%d streams: at most %d MB; the first event came to all of them %v after the form was sent", many, peak>>10, slowest.Round(time.Millisecond))
	if peak > 100<<10 {
		t.Errorf("%d streams take %d MB", many, peak>>10)
	}
}
