package report

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzRead reads a saved report that anybody may have written: what can be read can be told in every format, and nothing of
// it is obeyed by a terminal.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"schema":"halocheck.report/v1","findings":[{"id":"trust.chain","area":"trust","level":"must","status":"fail","cause":"self_signed","because":"x"}]}`,
		`{"schema":"halocheck.report/v1","findings":[{"id":"\u001b[2J","because":"\u202e\u0007\r","host":"\u001b]0;x","remedy":{"who":"","do":"<script>","where":"\u200b"}}]}`,
		`{"schema":"halocheck.report/v1","findings":[{}],"evidence":{"a":null},"root_causes":["b"],"counts":{"\u0000":-1}}`,
		`{"schema":"halocheck.report/v2","findings":[{}]}`, `{"schema":"halocheck.report/v1"}`, `[]`, ``, `{"schema":"halocheck.report/v1","findings":[{"status":"blocked","blocked_by":"x","waived":{}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if err != nil {
			return
		}
		for _, format := range Formats {
			for _, look := range []Options{{}, {Verbose: true, Width: 20}, {Quiet: true, Audience: Customer}} {
				var out bytes.Buffer
				if err := Write(&out, format, r, look); err != nil {
					t.Fatalf("%s: %v", format, err)
				}
				if at := strings.IndexAny(out.String(), "\x1b\x07\r\x00\u202e\u2066\u200b"); at >= 0 {
					t.Errorf("%s %+v lets through %q", format, look, out.String()[at:min(out.Len(), at+8)])
				}
			}
		}
	})
}
