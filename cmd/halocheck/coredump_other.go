//go:build !unix

package main

// disableCoreDumps has nothing to do: Go asks Windows for no error report, unless GOTRACEBACK=wer says so.
func disableCoreDumps() {}
