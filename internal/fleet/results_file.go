package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/filelock"
	"github.com/halocheck/halocheck/internal/output"
)

// syncEvery is the longest time between two fsyncs. Every result is written at once, so a crash or kill of halocheck loses
// none; a power failure can lose the results of this time.
const syncEvery = time.Second

// ResultsFile is a results file open for appending. Its methods are safe for concurrent use.
type ResultsFile struct {
	mu      sync.Mutex
	name    string
	file    *os.File
	size    int64 // bytes up to the end of the last complete line
	regular bool
	synced  time.Time
	dirty   bool
}

// ErrExists means that a results file is there already.
var ErrExists = errors.New("it is there already; --resume goes on with it, or name another file")

// ErrBusy means that another process is writing to a results file.
var ErrBusy = errors.New("another halocheck is writing it; wait until that one is finished, or name another file")

// CreateResults starts a results file with its first line. It never writes over one.
func CreateResults(name string, run Run) (*ResultsFile, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder; name a file in it", name)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	f, size, err := openLocked(name, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	l := &ResultsFile{name: name, file: f, regular: info == nil || info.Mode().IsRegular()}
	if l.regular && size > 0 { // another process may have created it just now
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", name, ErrExists)
	}
	if err := l.start(run); err != nil {
		_ = f.Close()
		if info == nil {
			_ = os.Remove(name)
		}
		return nil, err
	}
	return l, nil
}

// openLocked opens a results file to write to it, and locks it against other processes; size is that of a regular file, in bytes.
func openLocked(name string, flag int) (f *os.File, size int64, err error) {
	if f, err = output.OpenInPlace(name, flag); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		if errors.Is(filelock.Lock(f), filelock.ErrLocked) {
			err = fmt.Errorf("%s: %w", name, ErrBusy)
		} else if info, err = f.Stat(); err == nil { // anew, since another process may have been at it until now
			size = info.Size()
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

// CheckUnlocked returns an error where another process holds the lock of a results file. A missing file is not locked.
func CheckUnlocked(name string) error {
	f, _, err := openLocked(name, 0)
	if err == nil {
		return f.Close()
	}
	if errors.Is(err, ErrBusy) {
		return err
	}
	return nil // an unwritable file is reported when it is opened for writing
}

// start writes the run line and syncs the file and its folder.
func (l *ResultsFile) start(run Run) error {
	run.Schema, run.Kind = Schema, kindRun
	if err := l.add(run); err != nil {
		return err
	}
	if err := l.sync(); err != nil {
		return err
	}
	if !l.regular {
		return nil
	}
	if folder, err := os.Open(filepath.Dir(l.name)); err == nil { //nolint:forbidigo // a folder, to sync it
		_ = folder.Sync() // not every file system can
		_ = folder.Close()
	}
	return nil
}

// ResumeResults continues a results file, or starts one where there is none. It cuts off a torn last line and calls each
// with the name and the settings digest of every result in the file. It writes the run line again where the inventory or the
// version changed.
func ResumeResults(ctx context.Context, name string, run Run, each func(name, digest string)) (*ResultsFile, Tail, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0) {
		l, err := CreateResults(name, run)
		return l, Tail{}, err
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file that can be gone on with", name)
	}
	if err != nil {
		return nil, Tail{}, err
	}
	f, _, err := openLocked(name, 0)
	if err != nil {
		return nil, Tail{}, err
	}
	l, tail, err := continueFile(ctx, f, name, run, each)
	if err != nil {
		_ = f.Close()
	}
	return l, tail, err
}

// continueFile reads a locked results file, cuts off a torn last line, and starts this run.
func continueFile(ctx context.Context, f *os.File, name string, run Run, each func(name, digest string)) (*ResultsFile, Tail, error) {
	var last *Run
	tail, err := ReadResults(ctx, name, false, func(line ResultLine) error {
		switch {
		case line.Run != nil && line.Run.Shard != run.Shard:
			return fmt.Errorf("%s: it is of shard %s, and this is %s", name, line.Run.Shard, run.Shard)
		case line.Run != nil:
			last = line.Run
		case last == nil:
			return fmt.Errorf("%s: it does not start with a run", name)
		default:
			each(line.Result.Name, line.Result.Digest)
		}
		return nil
	})
	if err != nil {
		return nil, tail, err
	}
	if last == nil && !startsLikeRun(name) {
		return nil, tail, fmt.Errorf("%s: it is not a results file", name)
	}
	l := &ResultsFile{name: name, file: f, size: tail.Complete, regular: true}
	if err := l.cut(); err != nil {
		return nil, tail, err
	}
	if last == nil || last.Inventory != run.Inventory || last.Version != run.Version {
		if err := l.start(run); err != nil {
			return nil, tail, err
		}
	}
	return l, tail, nil
}

// startsLikeRun tells whether a file without a complete line starts as a run line does. Only then may it be truncated.
func startsLikeRun(name string) bool {
	f, err := os.Open(name) //nolint:forbidigo // a regular file that is held open for writing
	if err != nil {
		return false
	}
	defer f.Close()
	want := []byte(`{"schema":"` + Schema + `","kind":"` + kindRun + `"`)
	have := make([]byte, len(want))
	n, _ := io.ReadFull(f, have) // a shorter file is looked at as far as it goes
	return bytes.Equal(have[:n], want[:n])
}

// ResumeInstances continues a results file for these instances, and returns those of them that it has no result of with the
// same settings. The last result is true where the file's last line was torn.
func ResumeInstances(ctx context.Context, name string, run Run, instances []Instance) (l *ResultsFile, pending []Instance, torn bool, err error) {
	done := map[string]string{}
	l, tail, err := ResumeResults(ctx, name, run, func(name, digest string) { done[name] = digest })
	for _, i := range instances {
		if done[i.Name] != i.Digest() {
			pending = append(pending, i)
		}
	}
	return l, pending, tail.Torn > 0, err
}

// EachResult reads the results of these instances from a file, the last of each.
func EachResult(name string, instances []Instance, each func(*Result)) error {
	m, err := Merge(context.Background(), []string{name}) // an interrupted run is summed up, too
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, i := range instances {
		mine[i.Name] = true
	}
	return m.Each(func(r *Result) error {
		if mine[r.Name] {
			each(r)
		}
		return nil
	})
}

// Append adds a result. After an error the file still ends with a whole line, as far as the machine allows it. A nil file
// keeps nothing.
func (l *ResultsFile) Append(r *Result) error {
	if l == nil {
		return nil
	}
	return l.add(r)
}

func (l *ResultsFile) add(v any) error {
	text, err := encodeLine(v)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return fs.ErrClosed
	}
	n, err := l.file.Write(text)
	if err != nil {
		if n > 0 {
			_ = l.cut()
		}
		return err
	}
	l.size += int64(n)
	l.dirty = true
	if time.Since(l.synced) < syncEvery {
		return nil
	}
	return l.syncLocked()
}

// cut truncates the file after the last complete line.
func (l *ResultsFile) cut() error {
	if !l.regular {
		return nil
	}
	if err := l.file.Truncate(l.size); err != nil {
		return err
	}
	_, err := l.file.Seek(l.size, 0)
	return err
}

func (l *ResultsFile) sync() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.syncLocked()
}

func (l *ResultsFile) syncLocked() error {
	l.synced, l.dirty = time.Now(), false
	if !l.regular {
		return nil
	}
	return l.file.Sync()
}

// Close syncs and closes the file. A second Close does nothing.
func (l *ResultsFile) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.syncLocked()
	if closeErr := l.file.Close(); err == nil {
		err = closeErr
	}
	l.file = nil
	return err
}
