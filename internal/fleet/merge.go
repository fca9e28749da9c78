package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// MergedResults are the joined content of several results files.
type MergedResults struct {
	Run        Run         // of the whole, with every name that any of them was to check, sorted
	Shards     int         // into how many the fleet was cut
	Missing    []Shard     // shards of which there is no file
	Unfinished []string    // instances without a result, sorted
	Duplicates []Duplicate // instances with a result in several files; the one that was started last counts
	Torn       []string    // files whose last line is torn

	files []string
	at    map[string]resultPosition
}

// Duplicate is an instance that several files have.
type Duplicate struct {
	Name  string
	Files []string
}

// resultPosition is the place of a result in the files.
type resultPosition struct {
	file    int
	offset  int64
	size    int
	started int64 // Unix, nanoseconds
	files   []int
}

// ErrMixed means that files do not belong together.
var ErrMixed = errors.New("they do not belong together")

// Merge reads results files: those of the shards of one fleet, or of one only. Within a file the last result of a name
// counts.
func Merge(ctx context.Context, files []string) (*MergedResults, error) {
	m := &MergedResults{files: files, at: map[string]resultPosition{}}
	var have []Shard
	known := map[string]bool{}
	for n, file := range files {
		var run *Run
		tail, err := ReadResults(ctx, file, true, func(line ResultLine) error {
			if line.Run != nil {
				run = line.Run
				return nil
			}
			if run == nil {
				return fmt.Errorf("%s: it does not start with a run", file)
			}
			m.add(n, line)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if run == nil {
			return nil, fmt.Errorf("%s: it holds no run; results are written with `halocheck fleet INVENTORY --results FILE`", file)
		}
		if tail.Torn > 0 {
			m.Torn = append(m.Torn, file)
		}
		switch {
		case n == 0:
			m.Run, m.Shards = *run, run.Shard.Of
		case run.Shard.Of != m.Shards:
			return nil, fmt.Errorf("%s is one of %d shards and %s one of %d: %w", file, run.Shard.Of, files[0], m.Shards, ErrMixed)
		case run.Inventory != m.Run.Inventory:
			return nil, fmt.Errorf("%s is of another inventory than %s: %w", file, files[0], ErrMixed)
		case run.Started.Before(m.Run.Started):
			m.Run.Started = run.Started
		}
		have = append(have, run.Shard)
		for _, name := range run.Names {
			known[name] = true
		}
	}
	m.finish(have, known)
	return m, nil
}

// add notes a result; the newest of a name counts.
func (m *MergedResults) add(file int, line ResultLine) {
	name := line.Result.Name
	p := resultPosition{file, line.Offset, line.Size, line.Result.Started.UnixNano(), []int{file}}
	if before, ok := m.at[name]; ok {
		files := before.files
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
		if before.file != file && before.started > p.started {
			p = before
		}
		p.files = files
	}
	m.at[name] = p
}

// finish fills in missing shards, unfinished instances and duplicates. It drops results of instances that left the inventory.
func (m *MergedResults) finish(have []Shard, known map[string]bool) {
	for i := range m.Shards {
		if s := (Shard{i + 1, m.Shards}); !slices.Contains(have, s) {
			m.Missing = append(m.Missing, s)
		}
	}
	m.Run.Names = nil
	for name := range known {
		m.Run.Names = append(m.Run.Names, name)
	}
	slices.Sort(m.Run.Names)
	m.Run.Shard = Unsharded
	for _, name := range m.Run.Names {
		p, ok := m.at[name]
		if !ok {
			m.Unfinished = append(m.Unfinished, name)
		}
		if len(p.files) > 1 {
			d := Duplicate{Name: name}
			for _, n := range p.files {
				d.Files = append(d.Files, m.files[n])
			}
			m.Duplicates = append(m.Duplicates, d)
		}
	}
}

// Each reads the results, one for each name, in the order of the names.
func (m *MergedResults) Each(each func(*Result) error) error {
	return m.lines(func(text []byte) error {
		line, err := decodeLine(text, true)
		if err != nil {
			return err
		}
		return each(line.Result)
	})
}

// lines reads the lines that count as they stand in the files.
func (m *MergedResults) lines(each func([]byte) error) error {
	open := make([]*os.File, len(m.files))
	defer func() {
		for _, f := range open {
			if f != nil {
				_ = f.Close()
			}
		}
	}()
	for _, name := range m.Run.Names {
		p, ok := m.at[name]
		if !ok {
			continue
		}
		if open[p.file] == nil {
			f, err := os.Open(m.files[p.file]) //nolint:forbidigo // it was read within bounds before
			if err != nil {
				return err
			}
			open[p.file] = f
		}
		text := make([]byte, p.size)
		if _, err := open[p.file].ReadAt(text, p.offset); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := each(text); err != nil {
			return fmt.Errorf("%s: %w", m.files[p.file], err)
		}
	}
	return nil
}

// WriteTo writes the whole as one results file: the run, then each result as it was written.
func (m *MergedResults) WriteTo(w io.Writer) (int64, error) {
	run := m.Run
	run.Schema, run.Kind = Schema, kindRun
	text, err := encodeLine(run)
	if err != nil {
		return 0, err
	}
	n, err := w.Write(text)
	total := int64(n)
	if err != nil {
		return total, err
	}
	err = m.lines(func(text []byte) error {
		n, err := w.Write(text)
		total += int64(n)
		return err
	})
	return total, err
}
