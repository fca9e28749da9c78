package fakehalo_test

import (
	"crypto/ecdsa"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manyConnections keeps a connection open for each of many writers.
var manyConnections = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// ask sends one request, which has to succeed, and reads its answer to the end.
func ask(b *testing.B, method, address, bearer, body string) {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	resp, err := manyConnections.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode >= 300 {
		b.Errorf("%s %s: %d, %v", method, address, resp.StatusCode, err)
	}
}

// bearerOf asks for a token.
func bearerOf(b *testing.B, auth string, form url.Values) string {
	b.Helper()
	resp, err := http.PostForm(strings.TrimSuffix(auth, "/")+"/token", form)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer{Body: string(raw)}.field("access_token")
}

// build makes the real program.
func build(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "halocheck")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/halocheck").CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	return binary
}

// fakeProcess is a fake in a process of its own, without TLS.
type fakeProcess struct {
	process *exec.Cmd
	URL     string `json:"url"`
	AuthURL string `json:"auth_url"`
	ID      string `json:"client_id"`
	Secret  string `json:"client_secret"`
	bearer  string
}

// startFake runs the real program and takes a token that may edit tickets.
func startFake(b *testing.B, binary string, flags ...string) *fakeProcess {
	b.Helper()
	f := &fakeProcess{process: exec.Command(binary, append([]string{"fake", "--http", "--rate-limit", "off"}, flags...)...)}
	out, err := f.process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := f.process.Start(); err != nil {
		b.Fatal(err)
	}
	if err := json.NewDecoder(out).Decode(f); err != nil {
		b.Fatal(err)
	}
	f.bearer = bearerOf(b, f.AuthURL, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {f.ID}, "client_secret": {f.Secret}, "scope": {"edit:tickets"},
	})
	return f
}

func (f *fakeProcess) stop() {
	_ = f.process.Process.Kill()
	_ = f.process.Wait()
}

// firstAnswer asks until the fake answers, and holds that its leaf has an ECDSA key.
func firstAnswer(b *testing.B, address string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // its root is not known yet
	defer client.CloseIdleConnections()
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(500 * time.Microsecond) {
		resp, err := client.Get("https://" + address + "/api/authinfo")
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if _, ok := resp.TLS.PeerCertificates[0].PublicKey.(*ecdsa.PublicKey); !ok || resp.StatusCode != 200 {
			b.Fatalf("%d, %T", resp.StatusCode, resp.TLS.PeerCertificates[0].PublicKey)
		}
		return
	}
	b.Fatal("it never answered")
}

// residentMiB is what the kernel says that a process holds in memory.
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("resident memory is read from /proc, which this system has not")
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmRSS:") {
			_, _ = fmt.Sscanf(line, "VmRSS: %f kB", &kib)
		}
	}
	return kib / 1024
}
