package selfproof_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// spent is what one run of a process cost.
type spent struct {
	took    time.Duration // from its start to its end
	starved time.Duration // for which one of its threads was ready and had no processor: the longest of them
	peak    int           // bytes of resident memory; 0 where no /proc tells
}

// measured runs a command to its end, whatever its exit code. The memory is the peak of the whole process as the kernel
// counts it for the process itself: a child's resource usage would inherit the peak of the test that started it.
func measured(command *exec.Cmd) (spent, error) {
	start := time.Now()
	if err := command.Start(); err != nil {
		return spent{}, err
	}
	var s spent
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() { s.watch(command.Process.Pid, done) })
	_ = command.Wait() // the exit code is the verdict's
	s.took = time.Since(start)
	close(done)
	wait.Wait()
	return s, nil
}

// watch follows a process until done is closed. The counters only grow, so the last look before its end is enough; where
// there is no /proc they stay 0, which forgives nothing.
func (s *spent) watch(pid int, done <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone once the process is
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			var kib int
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				s.peak = max(s.peak, kib<<10)
			}
		}
		if n%8 == 0 {
			s.starved = max(s.starved, starved(pid))
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

// starved is the longest that any thread of a process waited for a processor: the second number of schedstat, in
// nanoseconds.
func starved(pid int) (longest time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is a valid one
	for _, name := range threads {
		text, _ := os.ReadFile(name) // threads end
		var ran, waited time.Duration
		if _, err := fmt.Sscan(string(text), &ran, &waited); err == nil {
			longest = max(longest, waited)
		}
	}
	return longest
}
