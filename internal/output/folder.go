package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/halocheck/halocheck/internal/filelock"
)

// Folder is a folder that is replaced as a whole: its files are written beside it, under another name.
type Folder struct {
	name string // as typed
	root *os.Root
	base string // in root
	temp string // in root; empty: there is none
	lock *os.File
}

// OpenFolder opens the place of a folder, cleans it of what a killed process left, and puts back the folder that such a
// process was about to replace.
func OpenFolder(name string) (*Folder, error) {
	destination, err := Resolve(name)
	if err != nil {
		return nil, err
	}
	root, base, err := openFolder(destination)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	f := &Folder{name: name, root: root, base: base}
	if info, err := root.Lstat(f.before()); err == nil && isTrusted(info) {
		if _, err := root.Lstat(base); errors.Is(err, fs.ErrNotExist) {
			_ = root.Rename(f.before(), base)
		} else {
			_ = root.RemoveAll(f.before())
		}
	}
	Clean(root, base)
	return f, nil
}

// before is the name of the folder that is being replaced.
func (f *Folder) before() string { return "." + f.base + ".halocheck-before" }

// Entries are those of the folder that would be replaced; none where there is no folder.
func (f *Folder) Entries() ([]fs.DirEntry, error) {
	folder, err := f.root.Open(f.base)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be replaced: %w", f.name, errors.Unwrap(err))
	}
	defer folder.Close()
	info, err := folder.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no folder; name another one", f.name)
	case !isTrusted(info):
		return nil, fmt.Errorf("%s belongs to another user, so it is not replaced; name another folder", f.name)
	}
	return folder.ReadDir(-1)
}

// Create creates the folder that the files are written to.
func (f *Folder) Create() error {
	temp := newTemporaryName(f.base)
	if err := f.root.Mkdir(temp, 0o700); err != nil {
		return fmt.Errorf("%s: %w", f.name, errors.Unwrap(err))
	}
	f.temp = temp
	lock, err := f.root.Open(temp)
	if err != nil {
		return err
	}
	f.lock = lock
	_ = filelock.Lock(lock) // without locks nothing is taken for a leftover
	return nil
}

// WriteFile writes a file that its owner alone can read, and waits until it is on the disk.
func (f *Folder) WriteFile(name string, text []byte) error {
	file, err := f.root.OpenFile(f.temp+"/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Commit puts the folder in its place. On an error the earlier folder stays as it was.
func (f *Folder) Commit() error {
	if err := f.root.Rename(f.base, f.before()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if runtime.GOOS == "windows" {
		f.unlock() // an open folder cannot be renamed there
	}
	if err := f.root.Rename(f.temp, f.base); err != nil {
		_ = f.root.Rename(f.before(), f.base)
		return err
	}
	f.temp = ""
	return f.root.RemoveAll(f.before())
}

func (f *Folder) unlock() {
	if f.lock != nil {
		_ = f.lock.Close()
		f.lock = nil
	}
}

// Discard removes what was not put in its place.
func (f *Folder) Discard() {
	f.unlock()
	if f.temp != "" {
		_ = f.root.RemoveAll(f.temp)
	}
	_ = f.root.Close()
}

// PrepareFolder creates a folder for files, or makes sure that an existing one can be written to. It removes what a killed
// process left in it.
func PrepareFolder(name string) error {
	destination, err := Resolve(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(destination, 0o700); err != nil {
		return asTyped(name, err)
	}
	root, err := os.OpenRoot(destination)
	if err != nil {
		return asTyped(name, err)
	}
	defer root.Close()
	Clean(root, "")
	t, err := createTemporary(root, "probe")
	if err != nil {
		return err
	}
	t.discard()
	return nil
}
