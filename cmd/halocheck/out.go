package main

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

// outFile is a further report. What is written stands beside its place under another name until it is whole; a device
// or a pipe is written to as it is.
type outFile struct {
	format string
	name   string // as typed
	place  string // where it ends up; a symbolic link is followed
	file   *os.File
	beside bool // file has a name of its own, to be renamed
}

// openOuts opens every --out, of formats that check lets pass, before the run, so that nobody waits for a report that cannot be kept. On an error nothing
// is left behind.
func openOuts(typed []string, check func(flag, format string) error) (outs []*outFile, err error) {
	defer func() {
		if err != nil {
			dropOuts(outs)
			outs = nil
		}
	}()
	for _, t := range typed {
		format, name, ok := strings.Cut(t, "=")
		if !ok || name == "" {
			return outs, usagef("--out %q is not FORMAT=FILE, such as json=report.json", t)
		}
		if err := check("out", format); err != nil {
			return outs, err
		}
		o := &outFile{format: format, name: name}
		if err := o.open(); err != nil {
			return outs, usagef("--out: %w", err)
		}
		for _, other := range outs {
			if other.place == o.place && o.beside {
				outs = append(outs, o)
				return outs, usagef("--out: two reports go to %s; give each its own file", name)
			}
		}
		outs = append(outs, o)
	}
	return outs, nil
}

func (o *outFile) open() error {
	o.place = o.name
	if real, err := filepath.EvalSymlinks(o.name); err == nil {
		o.place = real
	}
	o.place = filepath.Clean(o.place)
	info, err := os.Stat(o.place)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", o.name)
	case err == nil && !info.Mode().IsRegular():
		o.file, err = os.OpenFile(o.place, os.O_WRONLY, 0)
		return err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	o.beside = true
	// Created with mode 0600: a report tells much about a customer.
	if o.file, err = os.CreateTemp(filepath.Dir(o.place), "."+filepath.Base(o.place)+".*"); err != nil {
		return fmt.Errorf("%s: %w", o.name, errors.Unwrap(err))
	}
	return nil
}

// write writes the content and puts it in its place.
func (o *outFile) write(content func(io.Writer) error) error {
	b := bufio.NewWriter(o.file)
	err := content(b)
	if err == nil {
		err = b.Flush()
	}
	if closeErr := o.file.Close(); err == nil {
		err = closeErr
	}
	name := o.file.Name()
	o.file = nil
	if err == nil && o.beside {
		err = os.Rename(name, o.place)
	}
	if err != nil {
		if o.beside {
			_ = os.Remove(name)
		}
		return fmt.Errorf("%s could not be written: %w", o.typed(), err)
	}
	return nil
}

// typed is how it was asked for.
func (o *outFile) typed() string {
	if o.format == metricsFormat {
		return "--metrics " + o.name
	}
	return "--out " + o.format + "=" + o.name
}

// dropOuts removes what was opened and not written.
func dropOuts(outs []*outFile) {
	for _, o := range outs {
		if o.file == nil {
			continue
		}
		_ = o.file.Close()
		if o.beside {
			_ = os.Remove(o.file.Name())
		}
	}
}
