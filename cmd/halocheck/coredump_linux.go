package main

import "golang.org/x/sys/unix"

// disableCoreDumps keeps this process's memory, which holds a secret, out of core files. The limit alone would not do: a
// program that core_pattern pipes a dump to is told of it and need not obey. What may not be dumped cannot be read by other
// processes of the same user either, nor its environment. Every process may do both to itself.
func disableCoreDumps() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
