//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// disableCoreDumps keeps this process's memory, which holds a secret, out of core files. Every process may lower its limit.
func disableCoreDumps() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
