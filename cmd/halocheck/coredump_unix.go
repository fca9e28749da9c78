//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// crashPrivately keeps this process's memory, which holds a secret, out of core files. Every process may lower its limit.
func crashPrivately() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
