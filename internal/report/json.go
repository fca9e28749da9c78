package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/safetext"
)

// SchemaFile is the JSON Schema of the document.
//
//go:embed schema/report.schema.json
var SchemaFile []byte

// JSON writes the report as one document.
func JSON(w io.Writer, r *Report) error {
	text, err := safetext.JSON(r, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// Read decodes a saved report of this version of the document.
func Read(data []byte) (*Report, error) {
	if err := document.CheckJSON(data, document.Report); err != nil {
		return nil, err
	}
	var out Report
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &out); err != nil { // some shells write a mark first
		return nil, fmt.Errorf("it is not a report in JSON: %w", err)
	}
	if out.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, not %q", out.Schema, Schema)
	}
	if len(out.Findings) == 0 {
		return nil, fmt.Errorf("it holds no findings")
	}
	if err := validate(&out); err != nil {
		return nil, err
	}
	out.Sum()
	return &out, nil
}
