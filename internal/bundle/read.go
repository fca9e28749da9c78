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

	"github.com/halocheck/halocheck/internal/document"
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
	sums, kept := map[string]string{}, map[string][]byte{}
	var total uint64
	for _, f := range z.File {
		if _, twice := sums[f.Name]; twice {
			return nil, fmt.Errorf("it holds %s twice, %w", f.Name, errModified)
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxMemberBytes || total > maxTotalBytes {
			return nil, fmt.Errorf("%s: it is larger than %d MiB, or all are together than %d MiB", f.Name, maxMemberBytes>>20, maxTotalBytes>>20)
		}
		var content bytes.Buffer
		var to io.Writer = io.Discard
		if f.Name == reportName || f.Name == manifestName {
			content.Grow(int(f.UncompressedSize64) + bytes.MinRead)
			to = &content
		}
		if sums[f.Name], err = readMember(f, to); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		kept[f.Name] = content.Bytes()
	}
	if err := verifyManifest(kept[manifestName], sums); err != nil {
		return nil, err
	}
	out, err := report.Read(kept[reportName])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reportName, err)
	}
	return out, nil
}

// readMember copies a member and returns its SHA-256. The zip reader stops at the size that the bundle's directory gives.
func readMember(f *zip.File, to io.Writer) (sum string, err error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	hash := sha256.New()
	switch _, err := io.Copy(io.MultiWriter(hash, to), io.LimitReader(r, maxMemberBytes)); {
	case errors.Is(err, zip.ErrChecksum):
		return "", fmt.Errorf("its checksum is wrong, %w", errModified)
	case err != nil:
		return "", fmt.Errorf("it cannot be unpacked, %w", errModified)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// verifyManifest compares the members' checksums with the manifest: none changed, none missing, none added.
func verifyManifest(raw []byte, sums map[string]string) error {
	if _, ok := sums[manifestName]; !ok {
		return fmt.Errorf("it has no %s, so it is no bundle of halocheck's", manifestName)
	}
	if err := document.CheckJSON(raw, document.Report); err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
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
		sum, ok := sums[member.Name]
		if !ok {
			return fmt.Errorf("%s is missing, %w", member.Name, errModified)
		}
		if sum != member.SHA256 {
			return fmt.Errorf("%s was changed: its SHA-256 is not the manifest's, %w", member.Name, errModified)
		}
		listed = append(listed, member.Name)
	}
	for _, name := range sortedKeys(sums) {
		if !slices.Contains(listed, name) {
			return fmt.Errorf("%s was added: the manifest does not list it, %w", name, errModified)
		}
	}
	if !slices.Contains(listed, reportName) {
		return fmt.Errorf("it holds no %s", reportName)
	}
	return nil
}
