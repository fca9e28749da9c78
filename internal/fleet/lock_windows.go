package fleet

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock keeps other processes from writing to f. It ends with the process, however that ends. A file system without locks
// excludes no process. The locked byte lies far behind the last one, so that others may read the file.
func lock(f *os.File) error {
	far := windows.Overlapped{Offset: ^uint32(0), OffsetHigh: ^uint32(0) >> 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &far)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrBusy
	}
	return nil
}
