// Package document reads the YAML and JSON files that users give, within bounds of size, depth, keys and time. Parsers are
// called only with text that [CheckYAML] or [CheckJSON] accepted. The package knows nothing of halocheck's formats.
package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits bound a kind of file.
type Limits struct {
	Bytes int64
	Marks int // YAML: lines and punctuation; JSON: values
	Depth int // brackets within brackets
	Keys  int // of one map; JSON: also entries of one list
}

var (
	// Settings bounds configuration files, waivers and guides. The largest one that is shipped has 6 KiB.
	Settings = Limits{Bytes: 256 << 10, Marks: 20_000, Depth: 32, Keys: 2000}
	// Scenario bounds scenarios and recordings of the fake. A recording of a check has some 15 KiB.
	Scenario = Limits{Bytes: 1 << 20, Marks: 40_000, Depth: 32, Keys: 2000}
	// Report bounds saved reports, results and other JSON that halocheck wrote.
	Report = Limits{Bytes: 32 << 20, Marks: 2_000_000, Depth: 64, Keys: 20_000}
)

const (
	maxDocuments = 8   // of one YAML file
	maxIndent    = 128 // columns before the first word of a line
)

// Error is a text that exceeds a bound.
type Error struct {
	Line    int // from 1; 0: the text as a whole
	Message string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return e.Message
}

// In puts the file's name before an error, and the line where the error is an [Error] with one.
func In(file string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Line > 0 {
		return fmt.Errorf("%s:%d: %s", file, e.Line, e.Message)
	}
	return fmt.Errorf("%s: %w", file, err)
}

func newError(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}

func tooLarge(l Limits) error {
	if l.Bytes < 1<<20 {
		return newError("it is larger than %d KiB", l.Bytes>>10)
	}
	return newError("it is larger than %d MiB", l.Bytes>>20)
}

// Open opens a file for reading. The end of ctx ends the opening and every reading, even where the file is a pipe that nobody
// writes to.
func Open(ctx context.Context, name string) (*File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, o.err
		}
		f := &File{ctx: ctx, file: o.file}
		f.stop = context.AfterFunc(ctx, func() { _ = f.file.Close() })
		return f, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// File is a file that is read until the end of a context.
type File struct {
	ctx  context.Context
	file *os.File
	stop func() bool
}

// Read reads from the file.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	if err != nil && f.ctx.Err() != nil {
		err = context.Cause(f.ctx)
	}
	return n, err
}

// Close closes the file.
func (f *File) Close() error {
	f.stop()
	return f.file.Close()
}

// ReadFile reads a file of at most l.Bytes. The end of ctx ends it.
func ReadFile(ctx context.Context, name string, l Limits) ([]byte, error) {
	f, err := Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := Read(f, l)
	var exceeded *Error
	if errors.As(err, &exceeded) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return data, err
}

// Read reads at most l.Bytes. The size of a regular file is known, so its content is allocated once.
func Read(from io.Reader, l Limits) ([]byte, error) {
	size := int64(512)
	if f, ok := from.(*File); ok {
		if info, err := f.file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	if size > l.Bytes {
		return nil, tooLarge(l)
	}
	from = io.LimitReader(from, l.Bytes+1)
	data := make([]byte, 0, size+1)
	for {
		n, err := from.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > l.Bytes:
			return nil, tooLarge(l)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}
