package bundle

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/report"
)

// FuzzRead reads bundles that anybody may have packed: as raw bytes, and with a member and a manifest of any text whose
// digests are right. What is taken holds what the manifest says.
func FuzzRead(f *testing.F) {
	kept, err := os.ReadFile("../../fixtures/reports/v1-bundle.zip")
	if err != nil {
		f.Fatal(err)
	}
	small := `{"schema":"halocheck.report/v1","findings":[{"id":"trust.chain","status":"pass"}]}`
	for _, raw := range [][]byte{kept[:4096], kept[len(kept)-4096:], []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), nil} {
		f.Add(raw, small, "report.json", Schema)
	}
	whole := &Manifest{Schema: Schema, Made: time.Unix(0, 0)}
	whole.addMember(reportName, "the report", []byte(small))
	var packed bytes.Buffer
	if err := whole.WriteZip(&packed); err != nil {
		f.Fatal(err)
	}
	f.Add(packed.Bytes(), small, "report.txt", Schema)
	f.Add([]byte("PK\x03\x04"), `{"schema":"halocheck.report/v9","findings":[{}]}`, "../report.json", Schema)
	f.Add([]byte{}, "[", "\x1b[2J\n", "halocheck.bundle/v9\u202e")
	f.Fuzz(func(t *testing.T, raw []byte, content, name, schema string) {
		r, err := Read(bytes.NewReader(raw), int64(len(raw)))
		wellRead(t, r, err)

		m := &Manifest{Schema: schema, Made: time.Unix(0, 0)}
		m.addMember(reportName, "the report", []byte(content))
		m.addMember(name, "something", raw)
		var packed bytes.Buffer
		if m.WriteZip(&packed) != nil {
			return // no name for a member
		}
		r, err = Read(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
		wellRead(t, r, err)
		if err == nil && schema != Schema {
			t.Errorf("a bundle of the schema %q is taken", schema)
		}

		m.Members[1].SHA256 = m.Members[0].SHA256
		packed.Reset()
		if m.WriteZip(&packed) == nil && content != string(raw) {
			if _, err := Read(bytes.NewReader(packed.Bytes()), int64(packed.Len())); err == nil {
				t.Error("a member that was changed is taken")
			}
		}
	})
}

// wellRead demands a report that has findings, or an error.
func wellRead(t *testing.T, r *report.Report, err error) {
	t.Helper()
	if (r == nil) == (err == nil) || r != nil && len(r.Findings) == 0 {
		t.Errorf("report %v and error %v", r, err)
	}
}
