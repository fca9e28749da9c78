package selfproof_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// soakChecks is how many checks one process makes. HALOCHECK_SOAK says another number; `make soak` makes a thousand.
const soakChecks = 40

// Growth that is none: what the runtime and the test keep for themselves.
const (
	soakGoroutines = 5
	soakFiles      = 5
	soakHeap       = 4 << 20 // bytes
)

// weight is what a process holds when nothing is going on.
type weight struct {
	goroutines, files int
	heap              uint64 // bytes
}

func (w weight) String() string {
	return fmt.Sprintf("%d goroutines, %d open files, %.1f MiB of heap", w.goroutines, w.files, float64(w.heap)/(1<<20))
}

// weigh waits until what was closed is gone, at most a few seconds, and then looks.
func weigh(before weight) (w weight) {
	for range 50 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w = weight{runtime.NumGoroutine(), openFiles(), m.HeapAlloc}
		if w.goroutines <= before.goroutines+soakGoroutines && w.files <= before.files+soakFiles {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return w
}

// openFiles counts this process's file descriptors; zero where the system does not tell.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

var _ = Describe("many checks in one process", Label("soak"), Serial, func() {
	It("leave nothing behind, and each is right", func() {
		n := soakChecks
		if text := os.Getenv("HALOCHECK_SOAK"); text != "" {
			var err error
			n, err = strconv.Atoi(text)
			Expect(err).NotTo(HaveOccurred())
		}
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, 0))
		faults := slices.DeleteFunc(fakehalo.Faults(), func(f fakehalo.Fault) bool { return slices.Contains(slowPairs, f.Name) })
		var before weight
		var wrong []string
		start := time.Now()
		for i := range n {
			if i == n/4 { // pools, caches and the keys that are made once are there by now
				before = weigh(weight{})
			}
			fault := faults[random.IntN(len(faults))]
			if told := soak(fault); told != "" {
				wrong = append(wrong, fmt.Sprintf("check %d, %s: %s", i+1, fault.Name, told))
			}
		}
		after := weigh(before)
		AddReportEntry("soak", fmt.Sprintf("%d checks in %s, seed %d\nafter a quarter of them: %s\nat the end:              %s", n, time.Since(start).Round(time.Second), seed, before, after))
		Expect(wrong).To(BeEmpty())
		Expect(after.goroutines).To(BeNumerically("<=", before.goroutines+soakGoroutines), "from %s to %s", before, after)
		Expect(after.files).To(BeNumerically("<=", before.files+soakFiles), "from %s to %s", before, after)
		Expect(after.heap).To(BeNumerically("<=", before.heap+soakHeap), "from %s to %s", before, after)
	})
})

// soak is one check of a fake with a fault; what it returns is what was wrong with the outcome.
func soak(fault fakehalo.Fault) string {
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{fault}})
	if err != nil {
		return err.Error()
	}
	defer server.Close()
	trusted, err := rootsOf(server.CAFile)
	if err != nil {
		return err.Error()
	}
	s := sessionFor(server, trusted)
	defer s.Net.Close()
	if slices.Contains(alone, fault.Name) {
		s.Admin = probes.Credentials{}
	}
	findings := check(s)
	sum := probes.Summarise(findings)
	switch {
	case fault.Requirement == "" && sum.Exit != probes.ExitConformant:
		return "a healthy instance is accused: " + problems(findings)
	case fault.Requirement != "" && !seen(findings, fault):
		return fmt.Sprintf("%s %s %s is not among\n%s", fault.Requirement, fault.Status, fault.Cause, problems(findings))
	}
	must := slices.ContainsFunc(findings, func(f probes.Finding) bool { return f.ID == fault.Requirement && f.Level == probes.Must })
	if want := map[string]int{"fail": probes.ExitNotConformant, "unknown": probes.ExitIncomplete}[fault.Status]; must && sum.Exit != want {
		return fmt.Sprintf("exit code %d, want %d", sum.Exit, want)
	}
	return ""
}
