package bundle

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
)

func checks(s *probes.Session) []probes.Check { return catalogue.All(s.JudgedBy()...) }

// rejudged is the report with other names in it: first the answers get them, and then these are judged again, so that
// whoever judges the bundle reads the same. A finding without an answer keeps its own words, with other names in them.
func (p *pseudonymiser) rejudged(s *probes.Session, r *report.Report) (*report.Report, error) {
	out := *r
	out.Target.URL, out.Target.AuthURL, out.Target.Tenant = p.pseudonymise(r.Target.URL), p.pseudonymise(r.Target.AuthURL), p.pseudonymise(r.Target.Tenant)
	out.Evidence = map[string]json.RawMessage{}
	for name, raw := range r.Evidence {
		if p.hideHosts && strings.Contains(string(raw), `"der":`) {
			continue // a certificate names its host where nothing can be put in its place
		}
		clean, err := report.MapJSONStrings(raw, p.pseudonymise)
		if err != nil {
			return nil, err
		}
		out.Evidence[name] = clean
	}
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Because, f.Host = p.pseudonymise(f.Because), p.pseudonymise(f.Host)
		if f.Remedy != nil {
			remedy := *f.Remedy
			remedy.Do = p.pseudonymise(remedy.Do)
			f.Remedy = &remedy
		}
	}
	replay, err := report.Session(&out, s.JudgedBy()...)
	if err != nil {
		return nil, err
	}
	judged := report.Judged(&out, r.Tool.Version, s, slices.Collect(probes.Run(context.Background(), replay, checks(s))))
	for i, f := range judged.Findings {
		at := probes.IndexFinding(out.Findings, f)
		if at >= 0 && (out.Findings[at].Status != f.Status || out.Findings[at].Cause != f.Cause) {
			judged.Findings[i] = out.Findings[at] // a verdict is never changed by what somebody is called
		}
	}
	judged.Sum()
	judged.Exit = r.Exit
	return judged, nil
}

// addCertificateOwners adds whom the certificates in an answer were issued to.
func (p *pseudonymiser) addCertificateOwners(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, item := range tree {
			p.addCertificateOwners(item)
		}
	case map[string]any:
		if text, ok := tree["der"].(string); ok {
			p.addCertificateOwner(text)
		}
		if text, ok := tree["tenant_id"].(string); ok {
			p.addName("tenant", text)
		}
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			p.addCertificateOwners(tree[name])
		}
	}
}

// addCertificateOwner adds whom one certificate was issued to, unless it is an authority's.
func (p *pseudonymiser) addCertificateOwner(der string) {
	raw, err := base64.StdEncoding.DecodeString(der)
	if err != nil {
		return
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil || cert.IsCA {
		return
	}
	subject := cert.Subject
	for _, name := range slices.Concat(subject.Organization, subject.OrganizationalUnit, subject.Locality, subject.StreetAddress) {
		p.addName("name", name)
	}
	if !strings.Contains(subject.CommonName, ".") {
		p.addName("h", subject.CommonName)
	}
}
