package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/halocheck/halocheck/internal/report"
)

// A line is a JSON object whose last member is the checksum: "sha256:" and the SHA-256, in hexadecimal, of the line as it
// is without that member.
const (
	sumStart = `,"checksum":"sha256:`
	sumEnd   = `"}`
)

// seal is v as a line, with its checksum and the final newline.
func seal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	text := []byte(report.Escaped(string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))))
	sum := sha256.Sum256(text)
	out := append(text[:len(text)-1], sumStart...)
	out = hex.AppendEncode(out, sum[:])
	return append(out, sumEnd+"\n"...), nil
}

// errDamaged is a line that is not what was written.
var errDamaged = errors.New("its checksum is wrong, so it is not as it was written")

// unseal is a line without its checksum, once that was found right.
func unseal(line []byte) ([]byte, error) {
	at := bytes.LastIndex(line, []byte(sumStart))
	if at < 0 || !bytes.HasSuffix(line, []byte(sumEnd)) {
		return nil, errDamaged
	}
	text := append(line[:at:at], '}')
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:]) != string(line[at+len(sumStart):len(line)-len(sumEnd)]) {
		return nil, errDamaged
	}
	return text, nil
}

// head is what every line starts with.
type head struct {
	Schema string `json:"schema"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// headOf reads what a line is.
func headOf(text []byte) (head, error) {
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return h, errDamaged
	}
	if h.Schema != Schema {
		return h, fmt.Errorf("its schema is %q, not %q", h.Schema, Schema)
	}
	return h, nil
}
