//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fleet

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps other processes from writing to f. It ends with the process, however that ends. A file system that knows no
// locks, such as some network ones, locks nothing out.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrBusy
		}
		return nil
	}
}
