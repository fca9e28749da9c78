package record

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/halocheck/halocheck/internal/output"
)

// Folder is a recording that is being made: its files stand in a folder beside its place until all of them are whole.
type Folder struct {
	name string // as typed
	new  *output.Folder
}

// OpenFolder refuses what cannot be replaced, and makes sure that something can be written there, before anything is
// asked.
func OpenFolder(name string) (*Folder, error) {
	folder, err := output.OpenFolder(name)
	if err != nil {
		return nil, err
	}
	entries, err := folder.Entries()
	if err == nil && !isRecording(entries) {
		err = fmt.Errorf("%s is not empty and no recording, so nothing is written there; name a new folder", name)
	}
	if err == nil {
		err = folder.Create()
	}
	if err != nil {
		folder.Discard()
		return nil, err
	}
	return &Folder{name, folder}, nil
}

// isRecording tells whether a folder holds the files of a recording and no others; an empty one may become one.
func isRecording(entries []fs.DirEntry) bool {
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() != ScenarioFile && e.Name() != FindingsFile || !e.Type().IsRegular()
	})
}

// Write writes the texts under their names, for their owner alone, and puts the folder in its place. On an error an earlier
// recording stays as it was.
func (f *Folder) Write(files map[string][]byte) error {
	for name, text := range files {
		if err := f.new.WriteFile(name, text); err != nil {
			return fmt.Errorf("%s: %s could not be written: %w", f.name, name, err)
		}
	}
	return f.new.Commit()
}

// Discard removes what was not put in its place.
func (f *Folder) Discard() { f.new.Discard() }
