// Package bundle packs a run into one file that can be handed on: the report in every format, each answer, what was
// exchanged, and a manifest with digests. People and customers have other names in it, no secret is in it, and what it
// holds can be judged again.
package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Schema is the version of the manifest; fields are only ever added to it.
const Schema = "halocheck.bundle/v1"

// Names of members that are read again.
const (
	manifestName = "manifest.json"
	reportName   = "report.json"
)

// Manifest says what a bundle holds.
type Manifest struct {
	Schema     string      `json:"schema"`
	Tool       report.Tool `json:"tool"`
	Made       time.Time   `json:"made"`    // when the run began
	Hosts      string      `json:"hosts"`   // readable or pseudonyms
	Pseudonyms string      `json:"aliases"` // what has another name, in a sentence
	Members    []Member    `json:"members"` // every other file, in the order in which they stand
}

// Member is one file.
type Member struct {
	Name   string `json:"name"`
	Says   string `json:"says"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
	data   []byte
}

// Options is what a bundle is to look like.
type Options struct {
	HideHosts bool // hosts and addresses have other names too
}

// LeakError is the refusal to write a bundle that holds a secret.
type LeakError struct{ Member string }

func (e *LeakError) Error() string {
	return "a secret or a token was found in " + e.Member + ", so nothing is handed on; other reports of this run are not concerned"
}

// Write packs a finished run of s. Nothing is written where a secret would be in it, in whatever guise.
func Write(w io.Writer, s *probes.Session, r *report.Report, o Options) error {
	m, err := Pack(s, r, o)
	if err != nil {
		return err
	}
	return m.WriteZip(w)
}

// Pack makes a bundle of a finished run of s, to be looked at before it is written. There is none where a secret would be in it, in
// whatever guise.
func Pack(s *probes.Session, r *report.Report, o Options) (*Manifest, error) {
	pseudonymiser := newPseudonymiser(s, r, o.HideHosts)
	r, err := pseudonymiser.rejudged(s, r)
	if err != nil {
		return nil, err
	}
	m := &Manifest{
		Schema: Schema, Tool: r.Tool, Made: r.Started, Hosts: "readable",
		Pseudonyms: "people, customers and e-mail addresses have other names: the same one for the same person in this bundle, another in every other",
	}
	if o.HideHosts {
		m.Hosts = "pseudonyms"
	}
	for _, format := range report.Formats {
		var b bytes.Buffer
		if err := report.Write(&b, format, r, report.Options{Verbose: true}); err != nil {
			return nil, err
		}
		m.addMember(memberName(format), "the report as "+format, b.Bytes())
	}
	var customer bytes.Buffer
	if err := report.Write(&customer, "markdown", r, report.Options{Audience: report.Customer}); err != nil {
		return nil, err
	}
	m.addMember("customer.md", "what to do, for the customer, by who has to act", customer.Bytes())
	for _, name := range sortedKeys(r.Evidence) {
		answer, err := safetext.JSON(r.Evidence[name], "  ")
		if err != nil {
			return nil, err
		}
		m.addMember("evidence/"+name+".json", "the answer of "+name, answer)
	}
	log, err := newHAR(s.Net.Log, r, pseudonymiser)
	if err != nil {
		return nil, err
	}
	m.addMember("exchanges.har", "what went over HTTP, as an HTTP archive: headers and fields of an allow-list alone", log)
	return m, m.checkSecrets(halo.Redactor(s))
}

// memberName is the name of a report in a bundle.
func memberName(format string) string {
	name := map[string]string{"text": "report.txt", "short": "short.txt", "junit": "report.junit.xml", "markdown": "report.md"}[format]
	if name == "" {
		name = "report." + format
	}
	return name
}

func (m *Manifest) addMember(name, says string, data []byte) {
	sum := sha256.Sum256(data)
	m.Members = append(m.Members, Member{name, says, len(data), hex.EncodeToString(sum[:]), data})
}

// checkSecrets looks for the secrets in every member, its name and the manifest included. A secret that is a word of every
// report, such as "findings", tells nothing there, and was taken out of all values before.
func (m *Manifest) checkSecrets(redactor secret.Redactor) error {
	if redactor.Contains(string(report.SchemaFile)) {
		return nil
	}
	manifest, err := m.encode()
	if err != nil {
		return err
	}
	if redactor.Contains(string(manifest)) {
		return &LeakError{manifestName}
	}
	for _, member := range m.Members {
		if redactor.Contains(string(member.data)) {
			return &LeakError{member.Name}
		}
	}
	return nil
}

func (m *Manifest) encode() ([]byte, error) {
	return safetext.JSON(m, "  ")
}

// WriteZip writes the bundle: the manifest first, then the members in its order, all with the time of the run.
func (m *Manifest) WriteZip(w io.Writer) error {
	manifest, err := m.encode()
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, member := range append([]Member{{Name: manifestName, data: manifest}}, m.Members...) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: member.Name, Method: zip.Deflate, Modified: m.Made})
		if err != nil {
			return err
		}
		if _, err := f.Write(member.data); err != nil {
			return err
		}
	}
	return z.Close()
}

// Text is the content of a member; false where there is none of that name.
func (m *Manifest) Text(name string) (string, bool) {
	for _, member := range m.Members {
		if member.Name == name {
			return string(member.data), true
		}
	}
	return "", false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
