package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MergedName is the joined results file of a run's folder.
const MergedName = "all.jsonl"

// RunFolders are the folders of several runs of one fleet, a folder each. Their names sort by time.
type RunFolders struct {
	Last   string   // the folder of the last run
	Parts  []string // its results files, sorted
	Before string   // the joined results of the run before; empty: there are none

	folders []string // oldest first
}

// FindRuns finds the runs that a pattern matches, such as "/results/halocheck-fleet-*". A folder without results is no run.
func FindRuns(pattern string) (*RunFolders, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s is no pattern: %w", pattern, err)
	}
	r := &RunFolders{}
	slices.Sort(matches)
	for _, folder := range matches {
		info, err := os.Lstat(folder)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			continue // a link, too: what it points to may be anything
		}
		parts, whole, err := resultsIn(folder)
		if err != nil {
			return nil, err
		}
		if len(parts) == 0 && whole == "" {
			continue
		}
		if r.folders = append(r.folders, folder); r.Last != "" {
			if previous := filepath.Join(r.Last, MergedName); exists(previous) {
				r.Before = previous
			}
		}
		r.Last, r.Parts = folder, parts
	}
	switch {
	case r.Last == "":
		return nil, fmt.Errorf("no folder that %s names holds results (*.jsonl)", pattern)
	case len(r.Parts) == 0:
		return nil, fmt.Errorf("%s holds joined results and none of a shard", r.Last)
	}
	return r, nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// resultsIn are the results files of a folder.
func resultsIn(folder string) (parts []string, whole string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		switch file := filepath.Join(folder, e.Name()); {
		case !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".jsonl":
		case e.Name() == MergedName:
			whole = file
		default:
			parts = append(parts, file)
		}
	}
	return parts, whole, err
}

// Prune removes all but the newest runs. A folder that holds anything but results stays, and is an error.
func (r *RunFolders) Prune(keep int) error {
	var all error
	for _, folder := range r.folders[:max(0, len(r.folders)-keep)] {
		if err := removeRun(folder); err != nil {
			all = errors.Join(all, fmt.Errorf("%s is not removed: %w", folder, err))
		}
	}
	return all
}

func removeRun(folder string) error {
	parent, err := os.OpenRoot(filepath.Dir(folder)) //nolint:forbidigo // nothing is read or written, and no link is followed
	if err != nil {
		return err
	}
	defer parent.Close()
	root, err := parent.OpenRoot(filepath.Base(folder))
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".jsonl") && !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("it holds %s, which is no result", e.Name())
		}
	}
	for _, e := range entries {
		if err := root.Remove(e.Name()); err != nil {
			return err
		}
	}
	return parent.Remove(filepath.Base(folder))
}
