//go:build unix

package selfproof_test

import (
	"os"
	"syscall"
)

// maxMemory is the most memory that a process had, in bytes.
func maxMemory(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss * 1024
}
