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

// outputFile is a further report. What is written stands beside its place under another name until it is whole; a device
// or a pipe is written to as it is.
type outputFile struct {
	format      string
	name        string // as typed
	destination string // where it ends up; a symbolic link is followed
	file        *os.File
	temporary   bool // file has a name of its own, to be renamed
}

// openOutputs opens every --out, of formats that check lets pass, before the run, so that nobody waits for a report that cannot be kept. On an error nothing
// is left behind.
func openOutputs(typed []string, check func(flag, format string) error) (outs []*outputFile, err error) {
	defer func() {
		if err != nil {
			discardOutputs(outs)
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
		o := &outputFile{format: format, name: name}
		if err := o.open(); err != nil {
			return outs, usagef("--out: %w", err)
		}
		for _, other := range outs {
			if other.destination == o.destination && o.temporary {
				outs = append(outs, o)
				return outs, usagef("--out: two reports go to %s; give each its own file", name)
			}
		}
		outs = append(outs, o)
	}
	return outs, nil
}

func (o *outputFile) open() error {
	o.destination = o.name
	if real, err := filepath.EvalSymlinks(o.name); err == nil {
		o.destination = real
	}
	o.destination = filepath.Clean(o.destination)
	info, err := os.Stat(o.destination)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", o.name)
	case err == nil && !info.Mode().IsRegular():
		o.file, err = os.OpenFile(o.destination, os.O_WRONLY, 0)
		return err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	o.temporary = true
	// Created with mode 0600: a report tells much about a customer.
	if o.file, err = os.CreateTemp(filepath.Dir(o.destination), "."+filepath.Base(o.destination)+".*"); err != nil {
		return fmt.Errorf("%s: %w", o.name, errors.Unwrap(err))
	}
	return nil
}

// write writes the content and puts it in its place.
func (o *outputFile) write(content func(io.Writer) error) error {
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
	if err == nil && o.temporary {
		err = os.Rename(name, o.destination)
	}
	if err != nil {
		if o.temporary {
			_ = os.Remove(name)
		}
		return fmt.Errorf("%s could not be written: %w", o.flagText(), err)
	}
	return nil
}

// flagText is how it was asked for.
func (o *outputFile) flagText() string {
	if o.format == metricsFormat {
		return "--metrics " + o.name
	}
	return "--out " + o.format + "=" + o.name
}

// discardOutputs removes what was opened and not written.
func discardOutputs(outs []*outputFile) {
	for _, o := range outs {
		if o.file == nil {
			continue
		}
		_ = o.file.Close()
		if o.temporary {
			_ = os.Remove(o.file.Name())
		}
	}
}
