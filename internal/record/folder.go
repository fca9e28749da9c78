package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Folder is a recording that is being made: its files stand in a folder beside its place until all of them are whole.
type Folder struct {
	name        string // as typed
	destination string // where it ends up; a symbolic link is followed
	temporary   string // empty: it is in its place
}

// OpenFolder refuses what cannot be replaced, and makes sure that something can be written there, before anything is
// asked.
func OpenFolder(name string) (*Folder, error) {
	f := &Folder{name: name, destination: filepath.Clean(name)}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		f.destination = real
	}
	entries, err := os.ReadDir(f.destination)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("%s cannot be a recording: %w", name, errors.Unwrap(err))
	case !isRecording(entries):
		return nil, fmt.Errorf("%s is not empty and no recording, so nothing is written there; name a new folder", name)
	}
	if f.temporary, err = os.MkdirTemp(filepath.Dir(f.destination), "."+filepath.Base(f.destination)+".*"); err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	return f, nil
}

// isRecording tells whether a folder holds the files of a recording and no others; an empty one may become one.
func isRecording(entries []fs.DirEntry) bool {
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() != ScenarioFile && e.Name() != FindingsFile || !e.Type().IsRegular()
	})
}

// Write writes the texts under their names, for their owner alone, and puts the folder in its place. On an error an earlier recording stays
// as it was.
func (f *Folder) Write(files map[string][]byte) error {
	for name, text := range files {
		if err := writeSynced(filepath.Join(f.temporary, name), text); err != nil {
			return fmt.Errorf("%s: %s could not be written: %w", f.name, name, err)
		}
	}
	before := f.temporary + ".before"
	if err := os.Rename(f.destination, before); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(f.temporary, f.destination); err != nil {
		_ = os.Rename(before, f.destination) // which is where it was a moment ago
		return err
	}
	f.temporary = ""
	return os.RemoveAll(before)
}

// writeSynced writes a file that nobody else can read, and waits until it is on the disk.
func writeSynced(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Discard removes what was not put in its place.
func (f *Folder) Discard() {
	if f.temporary != "" {
		_ = os.RemoveAll(f.temporary)
	}
}
