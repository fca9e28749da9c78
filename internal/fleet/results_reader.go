package fleet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/safetext"
)

// lineLimits bounds a line of a results file. That of an instance has some 15 kB; that of a run names up to 80,000 instances.
var lineLimits = document.Limits{Bytes: 16 << 20, Marks: 1_000_000, Depth: 64, Keys: 100_000}

// ResultLine is one line of a results file that was read: a run or a result.
type ResultLine struct {
	Offset int64 // where it starts
	Size   int   // with its newline
	Run    *Run
	Result *Result // its findings are left out where only the heads are read
}

// Tail describes the end of a results file.
type Tail struct {
	Complete int64 // bytes up to the end of the last whole line
	Torn     int64 // bytes behind it: a line that was not finished, or is damaged
}

// ReadResults reads a results file line by line. The last line may be torn, as a crash leaves it; a damaged one anywhere else is
// an error that names it. With whole unset, only names and digests of results are decoded. The end of ctx ends the
// reading.
func ReadResults(ctx context.Context, file string, whole bool, each func(ResultLine) error) (Tail, error) {
	f, err := document.Open(ctx, file)
	if err != nil {
		return Tail{}, err
	}
	defer f.Close()
	return readResults(ctx, file, f, whole, each)
}

func readResults(ctx context.Context, name string, from io.Reader, whole bool, each func(ResultLine) error) (Tail, error) {
	r := bufio.NewReaderSize(from, 256<<10)
	var tail Tail
	var damage error
	for number := 1; ; number++ {
		if ctx.Err() != nil {
			return tail, context.Cause(ctx)
		}
		text, err := readLine(r)
		if len(text) == 0 && errors.Is(err, io.EOF) {
			return tail, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return tail, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if damage != nil { // it was not the last line after all
			return tail, damage
		}
		line, wrong := decodeLine(text, whole)
		if wrong != nil {
			tail.Torn, damage = int64(len(text)), fmt.Errorf("%s:%d: %w", name, number, wrong)
			if !errors.Is(wrong, errDamaged) {
				return tail, damage
			}
			continue
		}
		line.Offset, line.Size = tail.Complete, len(text)
		tail.Complete += int64(len(text))
		if err := each(line); err != nil {
			return tail, err
		}
	}
}

// readLine reads up to a newline, within the bound.
func readLine(r *bufio.Reader) ([]byte, error) {
	var parts [][]byte // joined once: a long line that grows takes several times its size
	for size := 0; ; {
		part, err := r.ReadSlice('\n')
		parts, size = append(parts, bytes.Clone(part)), size+len(part)
		if !errors.Is(err, bufio.ErrBufferFull) {
			if len(parts) == 1 {
				return parts[0], err
			}
			return bytes.Join(parts, nil), err
		}
		if int64(size) > lineLimits.Bytes {
			return parts[0], fmt.Errorf("the line is longer than %d MiB", lineLimits.Bytes>>20)
		}
	}
}

func decodeLine(text []byte, whole bool) (ResultLine, error) {
	body, ok := bytes.CutSuffix(text, []byte("\n"))
	if !ok {
		return ResultLine{}, errDamaged
	}
	if err := document.CheckJSON(body, lineLimits); err != nil {
		return ResultLine{}, err
	}
	body, err := verifyLine(body)
	if err != nil {
		return ResultLine{}, err
	}
	if text := string(body); safetext.EscapeJSON(text) != text {
		return ResultLine{}, errors.New("it holds characters that halocheck writes as escapes")
	}
	h, err := readHeader(body)
	if err != nil {
		return ResultLine{}, err
	}
	var line ResultLine
	switch {
	case h.Kind == kindRun:
		line.Run = &Run{}
		if err = json.Unmarshal(body, line.Run); err == nil {
			err = line.Run.validate()
		}
	case h.Kind == kindResult && whole:
		line.Result = &Result{}
		if err = json.Unmarshal(body, line.Result); err == nil {
			err = line.Result.validate()
		}
	case h.Kind == kindResult:
		line.Result = &Result{Schema: h.Schema, Kind: h.Kind, Name: h.Name, Digest: h.Digest}
		err = checkName(h.Name)
	default:
		return line, fmt.Errorf("there is no kind %q", h.Kind)
	}
	if err != nil {
		return line, fmt.Errorf("it cannot be read: %w", err)
	}
	return line, nil
}
