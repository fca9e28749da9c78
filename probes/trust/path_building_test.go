package trust

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// subjects are the names of a path, leaf first.
func subjects(path []*x509.Certificate) string {
	var names []string
	for _, c := range path {
		names = append(names, c.Subject.CommonName)
	}
	return strings.Join(names, " < ")
}

// TestClimb goes up by names and signatures, and says where it ends and why.
func TestClimb(t *testing.T) {
	root, stranger := forge(t, "Root", nil), forge(t, "Stranger", nil)
	authority := forge(t, "Authority", root)
	leaf := forge(t, "Server", authority, server)
	alone := forge(t, "Server", nil, server)
	below := forge(t, "Below", stranger)
	cross := forge(t, "Root", stranger, func(c *x509.Certificate) { c.SubjectKeyId = root.SubjectKeyId })
	spelled := reissue(t, authority, root, func(c *x509.Certificate) { c.Subject.CommonName = "AUTHORITY" })
	liar := forge(t, "Authority", root, func(c *x509.Certificate) { c.SubjectKeyId = authority.SubjectKeyId })
	noAuthority := forge(t, "Clerk", root, func(c *x509.Certificate) { c.IsCA = false })
	for name, c := range map[string]struct {
		leaf   *forged
		sent   []*forged
		path   string
		anchor bool
		cause  probes.Cause
		at, by string
	}{
		"whole":                         {leaf, []*forged{authority}, "Server < Authority < Root", true, "", "", ""},
		"with its root":                 {leaf, []*forged{root, authority}, "Server < Authority < Root", true, "", "", ""},
		"the root itself":               {root, nil, "Root", true, "", "", ""},
		"without its issuer":            {leaf, nil, "Server", false, probes.UnknownIssuer, "Server", ""},
		"certified by itself":           {alone, nil, "Server", false, probes.SelfSigned, "Server", ""},
		"up to a stranger":              {forge(t, "Server", below, server), []*forged{below, stranger}, "Server < Below < Stranger", false, probes.UntrustedRoot, "Stranger", ""},
		"below a stranger that is away": {forge(t, "Server", below, server), []*forged{below}, "Server < Below", false, probes.UnknownIssuer, "Below", ""},
		"with a namesake":               {leaf, []*forged{forge(t, "Authority", nil)}, "Server", false, probes.WrongIntermediate, "Server", "Authority"},
		"over one that is no authority": {forge(t, "Server", noAuthority, server), []*forged{noAuthority}, "Server < Clerk < Root", true, probes.IntermediateNotCA, "Server", "Clerk"},
		"over another spelling":         {leaf, []*forged{spelled}, "Server < AUTHORITY < Root", true, probes.NameEncoding, "Server", "AUTHORITY"},
		"over a signature that is bad":  {leaf, []*forged{liar}, "Server < Authority < Root", true, probes.BadSignature, "Server", "Authority"},
		"trusted roots first":           {leaf, []*forged{authority, cross, stranger}, "Server < Authority < Root", true, "", "", ""},
	} {
		w := buildPath(c.leaf.Certificate, plain(c.sent...), trusting(root), today)
		at, by := "", ""
		if w.stuckAt != nil {
			at = w.stuckAt.Subject.CommonName
		}
		if w.rejected != nil {
			by = w.rejected.Subject.CommonName
		}
		if got := subjects(w.path); got != c.path || w.anchored != c.anchor || w.cause != c.cause || at != c.at || by != c.by {
			t.Errorf("%s: %s, anchor %t, %q at %q by %q", name, got, w.anchored, w.cause, at, by)
		}
	}
}

// TestClimbAmongSeveral takes the issuer of today before one that has ended, and another one where the first leads nowhere.
func TestClimbAmongSeveral(t *testing.T) {
	root, stranger := forge(t, "Root", nil), forge(t, "Stranger", nil)
	now := forge(t, "Authority", root)
	edition := func(by *forged, ends ...func(*x509.Certificate)) *forged { // the same key under another certificate
		t.Helper()
		return reissue(t, now, by, ends...)
	}
	ended, later, elsewhere := edition(root, lasts(-90, -60)), edition(root, lasts(60, 90)), edition(stranger)
	clerk := forge(t, "Clerk", root, func(c *x509.Certificate) { c.IsCA = false })
	leaf := forge(t, "Server", now, server)
	for name, c := range map[string]struct {
		sent []*forged
		want *forged
	}{
		"one that has ended first":     {[]*forged{ended, now}, now},
		"one of tomorrow first":        {[]*forged{later, now}, now},
		"today's first":                {[]*forged{now, ended, later}, now},
		"a dead end first":             {[]*forged{elsewhere, now}, now},
		"a dead end, and an ended one": {[]*forged{elsewhere, ended}, ended},
		"over a bad link first":        {[]*forged{edition(clerk), clerk, now}, now},
		"an ended one alone":           {[]*forged{ended}, ended},
	} {
		w := buildPath(leaf.Certificate, plain(c.sent...), trusting(root), today)
		if !w.anchored || w.cause != "" || len(w.path) != 3 || !w.path[1].Equal(c.want.Certificate) {
			t.Errorf("%s: %s, anchor %t, %q", name, subjects(w.path), w.anchored, w.cause)
		}
	}
	w := buildPath(leaf.Certificate, plain(elsewhere), trusting(root), today)
	if w.anchored || w.cause != probes.UnknownIssuer || subjects(w.path) != "Server < Authority" {
		t.Errorf("only a dead end: %s, anchor %t, %q", subjects(w.path), w.anchored, w.cause)
	}
}

// TestLongestPath ends at twelve certificates, a trusted root above them not counted.
func TestLongestPath(t *testing.T) {
	root := forge(t, "Root", nil)
	for between, want := range map[int]probes.Cause{11: "", 12: probes.ChainTooLong} {
		var sent []*forged
		by := root
		for range between {
			by = forge(t, "Authority "+string(rune('A'+len(sent))), by)
			sent = append(sent, by)
		}
		w := buildPath(forge(t, "Server", by, server).Certificate, plain(sent...), trusting(root), today)
		if w.cause != want || w.anchored != (want == "") {
			t.Errorf("%d between: %q, %d in the path", between, w.cause, len(w.path))
		}
	}
}

// TestParents tells why a certificate of the issuer's name is not the issuer.
func TestParents(t *testing.T) {
	issuer := forge(t, "Authority", nil)
	child := forge(t, "Server", issuer, server)
	namesake := forge(t, "Authority", nil)
	same := forge(t, "Authority", nil, func(c *x509.Certificate) { c.SubjectKeyId = issuer.SubjectKeyId })
	spelled := reissue(t, issuer, nil, func(c *x509.Certificate) { c.Subject.CommonName = "AUTHORITY" })
	clerk := reissue(t, issuer, nil, func(c *x509.Certificate) { c.IsCA = false })
	other := forge(t, "Other", nil)
	for name, c := range map[string]struct {
		sent, used []*forged
		found      int
		why        probes.Cause
		by         *forged
	}{
		"the issuer":                        {[]*forged{other, issuer}, nil, 1, "", nil},
		"twice":                             {[]*forged{issuer, issuer}, nil, 1, "", nil},
		"used already":                      {[]*forged{issuer}, []*forged{issuer}, 0, "", nil},
		"another name":                      {[]*forged{other}, nil, 0, "", nil},
		"another key":                       {[]*forged{namesake}, nil, 0, probes.WrongIntermediate, namesake},
		"its key's name, and not its key":   {[]*forged{same}, nil, 0, probes.BadSignature, same},
		"another spelling of its name":      {[]*forged{spelled}, nil, 0, probes.NameEncoding, spelled},
		"no authority":                      {[]*forged{clerk}, nil, 0, probes.IntermediateNotCA, clerk},
		"another spelling, said before":     {[]*forged{namesake, spelled}, nil, 0, probes.WrongIntermediate, namesake},
		"the issuer behind one of its name": {[]*forged{namesake, issuer}, nil, 1, probes.WrongIntermediate, namesake},
	} {
		found, why, by := issuersOf(child.Certificate, plain(c.sent...), plain(c.used...))
		if len(found) != c.found || why != c.why || (by == nil) != (c.by == nil) || by != nil && !by.Equal(c.by.Certificate) {
			t.Errorf("%s: %d found, %q", name, len(found), why)
		}
	}
}

// reissue makes another certificate for the same name and key.
func reissue(tb testing.TB, of, by *forged, changes ...func(*x509.Certificate)) *forged {
	tb.Helper()
	template := *of.Certificate
	template.RawSubject, template.AuthorityKeyId = nil, nil
	for _, change := range changes {
		change(&template)
	}
	return certify(tb, &template, of.key, by)
}

func TestMayCertify(t *testing.T) {
	for name, c := range map[string]struct {
		cert x509.Certificate
		want bool
	}{
		"an authority":                   {x509.Certificate{Version: 3, BasicConstraintsValid: true, IsCA: true}, true},
		"an authority that may sign":     {x509.Certificate{Version: 3, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}, true},
		"an authority for lists alone":   {x509.Certificate{Version: 3, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCRLSign}, false},
		"without constraints":            {x509.Certificate{Version: 3, IsCA: true}, false},
		"no authority":                   {x509.Certificate{Version: 3, BasicConstraintsValid: true}, false},
		"of version 1, which says no":    {x509.Certificate{Version: 1}, true},
		"of version 1, which cannot say": {x509.Certificate{Version: 1, KeyUsage: x509.KeyUsageCertSign}, true},
	} {
		if got := mayCertify(&c.cert); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestKeyDiffers(t *testing.T) {
	for _, c := range []struct {
		wanted, there string
		want          bool
	}{{"a", "a", false}, {"a", "b", true}, {"", "a", true}, {"a", "", true}, {"", "", true}} {
		if got := keyDiffers(&x509.Certificate{AuthorityKeyId: []byte(c.wanted)}, &x509.Certificate{SubjectKeyId: []byte(c.there)}); got != c.want {
			t.Errorf("%q and %q: %t", c.wanted, c.there, got)
		}
	}
}

// TestIssuerOf finds who signed, not who has the name; a certificate that is among them stands for itself.
func TestIssuerOf(t *testing.T) {
	root, namesake, other := forge(t, "Root", nil), forge(t, "Root", nil), forge(t, "Other", nil)
	child := forge(t, "Server", root, server)
	for name, c := range map[string]struct {
		among []*forged
		want  *forged
	}{
		"the issuer":       {[]*forged{other, namesake, root}, root},
		"namesakes alone":  {[]*forged{other, namesake}, nil},
		"nobody":           {nil, nil},
		"the child itself": {[]*forged{child, root}, child},
	} {
		got := findIssuer(child.Certificate, plain(c.among...))
		if (got == nil) != (c.want == nil) || got != nil && !got.Equal(c.want.Certificate) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestShortestPath is the one that crypto/x509's several are reduced to.
func TestShortestPath(t *testing.T) {
	root, old := forge(t, "Root", nil), forge(t, "Old root", nil)
	cross := reissue(t, root, old)
	authority := forge(t, "Authority", root)
	leaf := forge(t, "Server", authority, server)
	path, err := verifyAt(leaf.Certificate, plain(authority, cross), trusting(old, root), today, x509.ExtKeyUsageServerAuth)
	if err != nil || subjects(path) != "Server < Authority < Root" {
		t.Errorf("%s: %v", subjects(path), err)
	}
	if _, err := verifyAt(leaf.Certificate, plain(authority), trusting(root), today.Add(2*365*24*time.Hour), x509.ExtKeyUsageServerAuth); err == nil {
		t.Error("two years later it is still good")
	}
}
