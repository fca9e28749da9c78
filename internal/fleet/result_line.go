package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/halocheck/halocheck/internal/safetext"
)

// A line is a JSON object whose last member is the checksum: "sha256:" and the SHA-256, in hexadecimal, of the line
// without that member.
const (
	checksumPrefix = `,"checksum":"sha256:`
	checksumSuffix = `"}`
)

// encodeLine returns v as a line with its checksum and the final newline.
func encodeLine(v any) ([]byte, error) {
	text, err := safetext.JSON(v, "")
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSuffix(text, []byte("\n"))
	sum := sha256.Sum256(text)
	out := append(text[:len(text)-1], checksumPrefix...)
	out = hex.AppendEncode(out, sum[:])
	return append(out, checksumSuffix+"\n"...), nil
}

// errDamaged is a line whose checksum is missing or wrong.
var errDamaged = errors.New("its checksum is wrong, so it is not as it was written")

// verifyLine checks a line's checksum and returns the line without it.
func verifyLine(line []byte) ([]byte, error) {
	at := bytes.LastIndex(line, []byte(checksumPrefix))
	if at < 0 || !bytes.HasSuffix(line, []byte(checksumSuffix)) {
		return nil, errDamaged
	}
	text := append(line[:at:at], '}')
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:]) != string(line[at+len(checksumPrefix):len(line)-len(checksumSuffix)]) {
		return nil, errDamaged
	}
	return text, nil
}

// lineHeader has the members that every line starts with.
type lineHeader struct {
	Schema string `json:"schema"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// readHeader decodes the header of a line.
func readHeader(text []byte) (lineHeader, error) {
	var h lineHeader
	if err := json.Unmarshal(text, &h); err != nil {
		return h, errDamaged
	}
	if h.Schema != Schema {
		return h, fmt.Errorf("its schema is %q, not %q", h.Schema, Schema)
	}
	return h, nil
}
