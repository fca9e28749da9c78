package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/halocheck/halocheck/internal/record"
)

// recordingFolder is a recording that is being made: its files stand in a folder beside its place until all of them are whole.
type recordingFolder struct {
	name        string // as typed
	destination string // where it ends up; a symbolic link is followed
	temporary   string // empty: it is in its place
}

// recordingFile is one file of a recording.
type recordingFile struct {
	name string
	text []byte
}

// openRecordingFolder refuses what cannot be replaced, and makes sure that something can be written there, before anything is
// asked.
func openRecordingFolder(name string) (*recordingFolder, error) {
	f := &recordingFolder{name: name, destination: filepath.Clean(name)}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		f.destination = real
	}
	entries, err := os.ReadDir(f.destination)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, usagef("%s cannot be a recording: %w", name, errors.Unwrap(err))
	case !isRecording(entries):
		return nil, usagef("%s is not empty and no recording, so nothing is written there; name a new folder", name)
	}
	if f.temporary, err = os.MkdirTemp(filepath.Dir(f.destination), "."+filepath.Base(f.destination)+".*"); err != nil {
		return nil, usagef("%s: %w", name, errors.Unwrap(err))
	}
	return f, nil
}

// isRecording tells whether a folder holds the files of a recording and no others; an empty one may become one.
func isRecording(entries []fs.DirEntry) bool {
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() != record.ScenarioFile && e.Name() != record.FindingsFile || !e.Type().IsRegular()
	})
}

// write writes the files, for their owner alone, and puts the folder in its place. On an error an earlier recording stays
// as it was.
func (f *recordingFolder) write(files []recordingFile) error {
	for _, file := range files {
		if err := writeSynced(filepath.Join(f.temporary, file.name), file.text); err != nil {
			return fmt.Errorf("%s: %s could not be written: %w", f.name, file.name, err)
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

// discard removes what was not put in its place.
func (f *recordingFolder) discard() {
	if f.temporary != "" {
		_ = os.RemoveAll(f.temporary)
	}
}
