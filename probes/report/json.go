package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
)

// SchemaFile is the JSON Schema of the document.
//
//go:embed schema/report.schema.json
var SchemaFile []byte

// JSON writes the report as one document.
func JSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// maxReport bounds a saved report that is read.
const maxReport = 64 << 20

// Read reads a saved report of this version of the document.
func Read(r io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxReport+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxReport {
		return nil, fmt.Errorf("it is larger than %d MiB", maxReport>>20)
	}
	var out Report
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("it is not a report in JSON: %w", err)
	}
	if out.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, not %q", out.Schema, Schema)
	}
	if len(out.Findings) == 0 {
		return nil, fmt.Errorf("it holds no findings")
	}
	out.Sum()
	return &out, nil
}
