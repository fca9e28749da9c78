//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"os"
)

// Lock fails: this system has no lock that ends with its process.
func Lock(*os.File) error { return errors.ErrUnsupported }
