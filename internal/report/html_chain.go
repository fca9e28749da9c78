package report

import (
	"encoding/json"
	"encoding/pem"
	"slices"
	"time"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// chainView is the chain of one host as a picture, from the server's certificate up to the root.
type chainView struct {
	Host     string
	Links    []certView
	Unused   []certView // sent, and no part of the path
	FixedPEM string     // the chain that the server should send, in PEM; empty: it does so already, or nobody knows
	Complete bool
}

// certView is one certificate of the picture.
type certView struct {
	State   string // sent, missing, wrong, anchor or gap
	Role    string
	Subject string
	Issuer  string
	Valid   string
	Key     string
	SHA256  string
	From    string
	Late    string // "out of date" or "not valid yet"; empty: it is of today
	Note    string // what is wrong between this one and the next
	PEM     string
}

// chainID is the requirement whose answer is drawn.
const chainID = "trust.chain"

// maxPEM is the largest certificate, in bytes of DER, that is offered for copying.
const maxPEM = 8 << 10

// chainViews draws the chain of each host that was judged.
func chainViews(r *Report) []chainView {
	var all []chainView
	for _, f := range r.Findings {
		var c trust.Chain
		if f.ID != chainID || json.Unmarshal(r.Evidence[f.Evidence], &c) != nil || len(c.Sent) == 0 {
			continue // nothing was seen of this host
		}
		all = append(all, newChainView(f, c))
	}
	return all
}

// newChainView lines the certificates up. The path is what was climbed; where it ends too early, what is missing follows, then the
// root that it would lead to.
func newChainView(f probes.Finding, c trust.Chain) chainView {
	card := chainView{Host: safetext.Line(f.Host), Complete: c.Builds}
	path := c.Path
	if len(path) == 0 {
		path = c.Sent[:min(len(c.Sent), maxCerts)]
	}
	sent := func(x trust.Cert) bool {
		return slices.ContainsFunc(c.Sent, func(s trust.Cert) bool { return s.SHA256 == x.SHA256 })
	}
	for i, x := range path {
		l := newCertView(c.Now, x, "sent", certRole(i, x))
		if !sent(x) {
			l.State, l.Role = "anchor", "Root, trusted and not sent"
		}
		card.Links = append(card.Links, l)
		if c.Builds || i != c.ErrorDepth || len(c.Path) == 0 {
			continue
		}
		card.Links[len(card.Links)-1].Note = upperFirst(CauseMeanings[c.Cause])
		if c.RejectedIssuer != nil && !slices.ContainsFunc(path, func(p trust.Cert) bool { return p.SHA256 == c.RejectedIssuer.SHA256 }) {
			wrong := newCertView(c.Now, *c.RejectedIssuer, "wrong", "Sent in its place")
			card.Links = append(card.Links, wrong)
		}
		for _, m := range c.Missing {
			l := newCertView(c.Now, m, "missing", "Missing")
			if m.Issuer == m.Subject && !c.Complete {
				l.State, l.Role = "gap", "Root, and not a trusted one"
			}
			card.Links = append(card.Links, l)
		}
	}
	if len(c.Path) == 0 && !c.Builds {
		at := max(0, slices.IndexFunc(path, func(x trust.Cert) bool { return x.Error != "" }))
		card.Links[at].Note = upperFirst(CauseMeanings[c.Cause])
	}
	if last := card.Links[len(card.Links)-1]; !c.Builds && last.Issuer != "" && last.Issuer != last.Subject && last.State != "anchor" {
		gap := certView{State: "gap", Role: "Not sent, and not known", Subject: last.Issuer}
		if c.Complete {
			gap.State, gap.Role = "anchor", "Root, trusted and not sent"
		}
		card.Links = append(card.Links, gap)
	}
	drawn := func(x trust.Cert) bool {
		return slices.ContainsFunc(card.Links, func(l certView) bool { return l.SHA256 == safetext.Line(x.SHA256) })
	}
	for _, x := range c.Sent {
		if !drawn(x) && len(card.Unused) < maxCerts {
			card.Unused = append(card.Unused, newCertView(c.Now, x, "sent", "Sent, and no part of the path"))
		}
	}
	if serve, ok := c.FixedPEM(); ok && f.Status == probes.Failed && len(serve) < maxCerts*maxPEM {
		card.FixedPEM = string(serve)
	}
	return card
}

// maxCerts bounds what is drawn of a list that a hostile server made long.
const maxCerts = 12

// certRole is what the certificate at a place of the path is.
func certRole(i int, x trust.Cert) string {
	switch {
	case i == 0:
		return "The server's certificate"
	case x.Issuer == x.Subject:
		return "Root"
	}
	return "Intermediate"
}

// newCertView describes one certificate.
func newCertView(now time.Time, x trust.Cert, state, role string) certView {
	l := certView{
		State: state, Role: role, Subject: safetext.Line(x.Subject), Issuer: safetext.Line(x.Issuer), Key: safetext.Line(x.Key), SHA256: safetext.Line(x.SHA256), From: safetext.Line(x.From),
	}
	switch {
	case now.After(x.NotAfter):
		l.Late = "out of date"
	case now.Before(x.NotBefore):
		l.Late = "not valid yet"
	}
	if x.Error != "" {
		l.Late = ""
		l.State, l.Subject = "wrong", "cannot be read: "+safetext.Line(x.Error)
	} else {
		l.Valid = x.NotBefore.Format("2006-01-02") + " to " + x.NotAfter.Format("2006-01-02")
	}
	if len(x.DER) > 0 && len(x.DER) <= maxPEM {
		l.PEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: x.DER}))
	}
	return l
}
