package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks bounds the symbolic links on a path.
const maxLinks = 40

// Resolve follows the symbolic links of a path and returns the path without them. Its last parts need not exist. It refuses
// links that another user owns: in a shared folder such a link makes a program write somewhere else.
func Resolve(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	volume := filepath.VolumeName(path)
	done := volume + string(filepath.Separator)
	todo := strings.Split(path[len(done):], string(filepath.Separator))
	for links := 0; len(todo) > 0; {
		next := filepath.Join(done, todo[0]) // which also resolves . and ..
		todo = todo[1:]
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return filepath.Join(append([]string{next}, todo...)...), nil // nor is anything below it
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink == 0:
			done = next
			continue
		case !isTrusted(info):
			return "", fmt.Errorf("%s: %s is a symbolic link of another user, so nothing is written through it", name, next)
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%s: it leads through more than %d symbolic links", name, maxLinks)
		}
		target, err := os.Readlink(next)
		if err != nil {
			return "", err
		}
		if _, err := os.Lstat(filepath.Join(filepath.Dir(next), target)); err != nil && len(todo) == 0 && isMagic(next) {
			return next, nil // a pipe or socket under /proc, which has no path
		}
		if filepath.IsAbs(target) {
			done = volume + string(filepath.Separator)
		}
		todo = append(strings.Split(filepath.ToSlash(target[len(filepath.VolumeName(target)):]), "/"), todo...)
	}
	return done, nil
}

// asTyped puts the name that the user typed into an error of the file system.
func asTyped(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &fs.PathError{Op: path.Op, Path: name, Err: path.Err}
	}
	return err
}

// isMagic tells whether a link is one of the kernel's, to an open file of a process.
func isMagic(path string) bool {
	return strings.HasPrefix(path, "/proc/") && strings.Contains(path, "/fd/")
}

// check refuses a destination that another user put there; info is what is at the destination.
func check(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", name)
	case info.Mode().IsRegular() || isTrusted(info):
		return nil
	}
	return fmt.Errorf("%s is a pipe, socket or device of another user, so nothing is written to it", name)
}

// OpenInPlace opens a file that is written where it stands, such as a results file or a pipe; flag is added to
// [os.O_WRONLY]. It refuses what another user owns, and a regular file that others can write to.
func OpenInPlace(name string, flag int) (*os.File, error) {
	path, err := Resolve(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if err == nil {
		err = check(name, info)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if !isMagic(path) {
		flag |= noFollow
	}
	// Mode 0600: what halocheck finds tells much about customers.
	f, err := os.OpenFile(path, os.O_WRONLY|flag, 0o600)
	if err != nil {
		return nil, asTyped(name, err)
	}
	if err := checkOpened(name, f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// ResolveRegular is [Resolve] for a file that another library opens and changes: it has to be a regular file of this user's,
// or missing.
func ResolveRegular(name string) (string, error) {
	path, err := Resolve(name)
	if err != nil {
		return "", err
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", err
	case !isTrusted(info):
		return "", fmt.Errorf("%s belongs to another user, who could change it; name another file", name)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file; name another one", name)
	}
	return path, nil
}

// checkOpened checks the file that was opened, which may be another one than was looked at before.
func checkOpened(name string, f *os.File) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Mode().IsRegular() && !isTrusted(info):
		return fmt.Errorf("%s belongs to another user, who could change it; name another file", name)
	case info.Mode().IsRegular() && noFollow != 0 && info.Mode().Perm()&0o022 != 0 && info.Size() > 0:
		return fmt.Errorf("%s can be written to by other users (mode %04o), so it may not be as it was; chmod it to 0600, or name another file", name, info.Mode().Perm())
	case info.Mode().IsRegular() && info.Size() == 0:
		return f.Chmod(0o600)
	}
	return check(name, info)
}
