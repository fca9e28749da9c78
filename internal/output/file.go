// Package output writes files and folders that are whole or not there: what is written has a name of its own until it is
// finished.
package output

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// Backup is the format of a copy of a database, which is read by a program alone.
const Backup = "backup"

// File is a file that was opened for writing. It stands beside its destination under another name until it is whole; a pipe
// or a device is written to as it is.
type File struct {
	Format string
	Name   string // as typed

	label       string   // how it was asked for, for errors
	destination string   // without symbolic links
	root        *os.Root // the destination's folder; nil: file is written in place
	temporary   *temporary
	file        *os.File // nil once it was written or discarded
}

// OpenAll opens files that are given as FORMAT=FILE, before the run whose reports they take. The check refuses formats that
// there are not. On an error nothing is left behind.
func OpenAll(label string, typed []string, check func(format string) error) (files []*File, err error) {
	defer func() {
		if err != nil {
			Discard(files)
			files = nil
		}
	}()
	for _, t := range typed {
		format, name, ok := strings.Cut(t, "=")
		if !ok || name == "" {
			return files, fmt.Errorf("%s %q is not FORMAT=FILE, such as json=report.json", label, t)
		}
		if err := check(format); err != nil {
			return files, err
		}
		f, err := Open(label+" "+format+"="+name, format, name)
		if err != nil {
			return files, fmt.Errorf("%s: %w", label, err)
		}
		if f.SameAs(files...) != nil {
			return append(files, f), fmt.Errorf("%s: two reports go to %s; give each its own file", label, name)
		}
		files = append(files, f)
	}
	return files, nil
}

// Open opens a file for writing. The label says how it was asked for, in the error of [File.Write].
func Open(label, format, name string) (*File, error) {
	f := &File{Format: format, Name: name, label: label}
	return f, f.open()
}

// SameAs is the first of the others that would be replaced by f; nil where there is none.
func (f *File) SameAs(others ...*File) *File {
	for _, other := range others {
		if f.root != nil && other.destination == f.destination {
			return other
		}
	}
	return nil
}

// Share lets other users of the machine read the file; without it only its owner may.
func (f *File) Share() error {
	if f.root == nil {
		return nil
	}
	return f.file.Chmod(0o644)
}

// standardStreams are names of this process's own streams, which need not be opened again.
var standardStreams = map[string]*os.File{
	"/dev/stdout": os.Stdout, "/dev/fd/1": os.Stdout, "/proc/self/fd/1": os.Stdout,
	"/dev/stderr": os.Stderr, "/dev/fd/2": os.Stderr, "/proc/self/fd/2": os.Stderr,
}

func (f *File) open() error {
	if f.file = standardStreams[f.Name]; f.file != nil {
		return nil
	}
	var err error
	if f.destination, err = Resolve(f.Name); err != nil {
		return err
	}
	info, err := os.Lstat(f.destination)
	switch {
	case err == nil && !info.Mode().IsRegular():
		if err = check(f.Name, info); err == nil {
			f.file, err = OpenInPlace(f.Name, 0)
		}
		return err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	root, base, err := openFolder(f.destination)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, errors.Unwrap(err))
	}
	if info != nil {
		err = checkReplaceable(f.Name, root, info)
	}
	if err == nil {
		Clean(root, base)
		f.temporary, err = createTemporary(root, base)
	}
	if err != nil {
		_ = root.Close()
		var path *fs.PathError
		if errors.As(err, &path) {
			err = fmt.Errorf("%s: %w", f.Name, path.Err)
		}
		return err
	}
	f.root, f.file = root, f.temporary.file
	return nil
}

// checkReplaceable refuses a file of another user in a folder whose sticky bit lets only owners replace files.
func checkReplaceable(name string, root *os.Root, info fs.FileInfo) error {
	folder, err := root.Stat(".")
	if err != nil {
		return err
	}
	if folder.Mode()&fs.ModeSticky != 0 && !isTrusted(info) {
		return fmt.Errorf("%s belongs to another user, and in this folder only its owner may replace it; name another file", name)
	}
	return nil
}

// Write writes the content and puts it in its place.
func (f *File) Write(content func(io.Writer) error) error {
	b := bufio.NewWriter(f.file)
	var to io.Writer = safetext.NewWriter(b)
	if f.Format == "bundle" || f.Format == Backup {
		to = b // packed; what is in it was made safe piece by piece, or is made so when it is shown
	}
	err := content(to)
	if err == nil {
		err = b.Flush()
	}
	switch {
	case f.root == nil && standardStreams[f.Name] == nil:
		err = errors.Join(err, f.file.Close())
	case f.root != nil && err == nil:
		err = f.temporary.commit(filepath.Base(f.destination))
	case f.root != nil:
		f.temporary.discard()
	}
	f.close()
	if err != nil {
		return fmt.Errorf("%s could not be written: %w", f.label, err)
	}
	return nil
}

func (f *File) close() {
	f.file = nil
	if f.root != nil {
		_ = f.root.Close()
	}
}

// Discard removes what was opened and not written.
func Discard(files []*File) {
	for _, f := range files {
		switch {
		case f.file == nil || standardStreams[f.Name] != nil:
			continue
		case f.root != nil:
			f.temporary.discard()
		default:
			_ = f.file.Close()
		}
		f.close()
	}
}

// WriteAtomic writes a file under another name and renames it once it is whole.
func WriteAtomic(name string, write func(io.Writer) error) error {
	f, err := Open(name, "", name)
	if err != nil {
		return err
	}
	return f.Write(write)
}
