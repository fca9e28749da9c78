package fakehalo_test

import (
	"crypto/ecdsa"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

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
