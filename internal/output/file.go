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
)

// File is a file that was opened for writing. It stands beside its destination under another name until it is whole; a
// device or a pipe is written to as it is.
type File struct {
	Format string
	Name   string // as typed

	label       string // how it was asked for, for errors
	destination string // a symbolic link is followed
	file        *os.File
	temporary   bool // file has a name of its own, to be renamed
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
		if f.temporary && other.destination == f.destination {
			return other
		}
	}
	return nil
}

// Share lets other users of the machine read the file; without it only its owner may.
func (f *File) Share() error {
	if !f.temporary {
		return nil
	}
	return f.file.Chmod(0o644)
}

func (f *File) open() error {
	f.destination = f.Name
	if real, err := filepath.EvalSymlinks(f.Name); err == nil {
		f.destination = real
	}
	f.destination = filepath.Clean(f.destination)
	info, err := os.Stat(f.destination)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", f.Name)
	case err == nil && !info.Mode().IsRegular():
		f.file, err = os.OpenFile(f.destination, os.O_WRONLY, 0)
		return err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f.temporary = true
	// Created with mode 0600: a report tells much about a customer.
	if f.file, err = os.CreateTemp(filepath.Dir(f.destination), "."+filepath.Base(f.destination)+".*"); err != nil {
		return fmt.Errorf("%s: %w", f.Name, errors.Unwrap(err))
	}
	return nil
}

// Write writes the content and puts it in its place.
func (f *File) Write(content func(io.Writer) error) error {
	b := bufio.NewWriter(f.file)
	err := content(b)
	if err == nil {
		err = b.Flush()
	}
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	name := f.file.Name()
	f.file = nil
	if err == nil && f.temporary {
		err = os.Rename(name, f.destination)
	}
	if err != nil {
		if f.temporary {
			_ = os.Remove(name)
		}
		return fmt.Errorf("%s could not be written: %w", f.label, err)
	}
	return nil
}

// Discard removes what was opened and not written.
func Discard(files []*File) {
	for _, f := range files {
		if f.file == nil {
			continue
		}
		_ = f.file.Close()
		if f.temporary {
			_ = os.Remove(f.file.Name())
		}
	}
}

// WriteAtomic writes a file under another name and renames it once it is whole.
func WriteAtomic(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
