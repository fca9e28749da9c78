package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// FuzzScan reads results files that anybody may have written: as raw bytes, and as a line whose checksum is right. Where a
// file ends is told to the byte, and what is read is what stands there.
func FuzzScan(f *testing.F) {
	run, err := encodeLine(Run{Schema: Schema, Kind: kindRun, Shard: Shard{1, 2}, Names: []string{"a", "b"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		fmt.Sprintf(`{"schema":%q,"kind":"result","name":"a","findings":[{"id":"trust.chain","status":"fail"}]}`, Schema),
		fmt.Sprintf(`{"schema":%q,"kind":"\u001b[2J"}`, Schema), fmt.Sprintf(`{"schema":%q,"kind":"result","started":"x"}`, Schema), `{"schema":"x"}`, `{}`, `[]`, `{"checksum":"sha256:"}`,
	} {
		f.Add(run, []byte(body))
	}
	f.Add([]byte{}, []byte(fmt.Sprintf(`{"schema":%q,"kind":"run","shard":{"index":1,"of":99999999999}}`, Schema)))
	f.Add(run[:len(run)-1], []byte("{"))
	f.Add(append(bytes.Clone(run), '\n', '\n'), []byte("\x00"))
	f.Fuzz(func(t *testing.T, raw, body []byte) {
		file := bytes.Clone(raw)
		if json.Valid(body) && bytes.HasSuffix(body, []byte("}")) && bytes.HasPrefix(body, []byte("{")) {
			line, err := encodeLine(json.RawMessage(body))
			if err != nil {
				t.Fatal(err)
			}
			file = append(line, file...)
		}
		for _, whole := range []bool{true, false} {
			at := int64(0)
			m := &MergedResults{files: []string{"r.jsonl"}, at: map[string]resultPosition{}}
			tail, err := readResults(t.Context(), "r.jsonl", bytes.NewReader(file), whole, func(line ResultLine) error {
				if line.Offset != at || line.Size < 1 || (line.Run == nil) == (line.Result == nil) {
					t.Errorf("a line %+v at %d", line, at)
				}
				at += int64(line.Size)
				if line.Run != nil {
					m.Run, m.Shards = *line.Run, line.Run.Shard.Of
				} else {
					m.add(0, line)
				}
				return nil
			})
			if err != nil {
				if !strings.HasPrefix(err.Error(), "r.jsonl:") || strings.Contains(err.Error(), "\n") {
					t.Errorf("a fault without a place, or of several lines: %q", err)
				}
				continue
			}
			if tail.Complete != at || tail.Complete+tail.Torn != int64(len(file)) {
				t.Errorf("%+v of %d bytes, %d of them in lines", tail, len(file), at)
			}
			m.finish([]Shard{m.Run.Shard}, nil)
			if len(m.Missing) > maxShards {
				t.Errorf("%d shards are missing", len(m.Missing))
			}
		}
		if _, err := verifyLine(bytes.TrimSuffix(body, []byte("\n"))); err != nil && !errors.Is(err, errDamaged) {
			t.Error(err)
		}
	})
}
