package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/halocheck/halocheck/internal/report"
)

// Bounds of a bundle that is read.
const (
	maxMembers     = 1000
	maxMemberBytes = 64 << 20 // bytes, unpacked
	maxTotalBytes  = 256 << 20
)

// errModified ends what is wrong with a bundle that is not as it was written.
var errModified = errors.New("so it is not what halocheck wrote")

// Read is the report in a bundle, once every member was found to be what the manifest says.
func Read(r io.ReaderAt, size int64) (*report.Report, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errors.New("it is no zip file, or not a whole one")
	}
	if len(z.File) > maxMembers {
		return nil, fmt.Errorf("it holds %d files, more than the %d of any bundle", len(z.File), maxMembers)
	}
	data := map[string][]byte{}
	total := 0
	for _, f := range z.File {
		if _, twice := data[f.Name]; twice {
			return nil, fmt.Errorf("it holds %s twice, %w", f.Name, errModified)
		}
		content, err := readMember(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if total += len(content); total > maxTotalBytes {
			return nil, fmt.Errorf("it holds more than %d MiB", maxTotalBytes>>20)
		}
		data[f.Name] = content
	}
	if err := verifyManifest(data); err != nil {
		return nil, err
	}
	out, err := report.Read(bytes.NewReader(data[reportName]))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reportName, err)
	}
	return out, nil
}

func readMember(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxMemberBytes+1))
	switch {
	case errors.Is(err, zip.ErrChecksum):
		return nil, fmt.Errorf("its checksum is wrong, %w", errModified)
	case err != nil:
		return nil, fmt.Errorf("it cannot be unpacked, %w", errModified)
	case len(data) > maxMemberBytes:
		return nil, fmt.Errorf("it is larger than %d MiB", maxMemberBytes>>20)
	}
	return data, nil
}

// verifyManifest holds every member to the manifest: none changed, none missing, none added.
func verifyManifest(data map[string][]byte) error {
	raw, ok := data[manifestName]
	if !ok {
		return fmt.Errorf("it has no %s, so it is no bundle of halocheck's", manifestName)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("%s: it is no manifest: %w", manifestName, err)
	}
	if m.Schema != Schema {
		return fmt.Errorf("%s: its schema is %q, not %q", manifestName, m.Schema, Schema)
	}
	listed := []string{manifestName}
	for _, member := range m.Members {
		content, ok := data[member.Name]
		if !ok {
			return fmt.Errorf("%s is missing, %w", member.Name, errModified)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != member.SHA256 {
			return fmt.Errorf("%s was changed: its SHA-256 is not the manifest's, %w", member.Name, errModified)
		}
		listed = append(listed, member.Name)
	}
	for _, name := range sortedKeys(data) {
		if !slices.Contains(listed, name) {
			return fmt.Errorf("%s was added: the manifest does not list it, %w", name, errModified)
		}
	}
	if !slices.Contains(listed, reportName) {
		return fmt.Errorf("it holds no %s", reportName)
	}
	return nil
}
