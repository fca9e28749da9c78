package selfproof_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// BenchmarkCommand is what the command costs by itself: its start, its size, and the memory of one check.
func BenchmarkCommand(b *testing.B) {
	binary := released(b)
	fake := fakehalo.Start()
	defer fake.Close()
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var starts []time.Duration
	var memory []int64
	for b.Loop() {
		for range 5 {
			c := exec.Command(binary, "version")
			begin := time.Now()
			if err := c.Run(); err != nil {
				b.Fatal(err)
			}
			starts = append(starts, usedBy(c, begin).wall)
		}
		c := exec.Command(binary, "check", fake.URL, "--ca-file", fake.CAFile, "--auth-url", fake.Credentials.AuthURL, "--tenant", fake.Credentials.Tenant,
			"--client-id", fake.Credentials.ClientID, "--client-secret-file", "-", "--stable", fake.Stable, "--quiet")
		c.Stdin = strings.NewReader(fake.Credentials.ClientSecret)
		begin := time.Now()
		if out, err := c.CombinedOutput(); c.ProcessState.ExitCode() != 3 { // the allow-list needs a vantage point
			b.Fatalf("%v\n%s", err, out)
		}
		memory = append(memory, usedBy(c, begin).memory)
	}
	b.ReportMetric(float64(median(starts).Microseconds())/1000, "ms-start")
	b.ReportMetric(float64(median(memory))/(1<<20), "MiB-of-a-check")
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
}
