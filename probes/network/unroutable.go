package network

import (
	"errors"
	"syscall"
)

// isUnroutable knows the errors by which an operating system says that it has no way to an address.
func isUnroutable(err error) bool {
	for _, e := range []error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
