// Package filelock locks files between processes. A lock ends with its process, however that ends.
package filelock

import "errors"

// ErrLocked means that another process holds the lock.
var ErrLocked = errors.New("another process has it open for writing")
