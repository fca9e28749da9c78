package pki

import "time"

// dateFaults are flaws in the days that a certificate is valid. All dates are whole days from the site's now, so that
// moving the clock a few days removes the flaw and nothing else.
func dateFaults() []fault {
	return []fault{
		flaw("expired", "trust.in-date", "expired", "The leaf ended two days ago.",
			func(p *plan) { p.leaf.between(p.site.Now, -92, -2) }, leafDates),
		flaw("expired-intermediate", "trust.in-date", "expired_intermediate", "The intermediate ended two days ago; a renewed one exists.",
			expiredIntermediate, midCert),
		// The anchor itself is past its end, as on a client that was never updated (tls §5).
		flaw("expired-root", "trust.in-date", "expired_root", "The trusted root ended two days ago.",
			func(p *plan) { p.root.between(p.site.Now, -10*365, -2) }, rootCert),
		flaw("not-yet-valid", "trust.in-date", "not_yet_valid", "The leaf begins in two days.",
			func(p *plan) { p.leaf.between(p.site.Now, 2, 92) }, leafDates),
		flaw("not-yet-valid-intermediate", "trust.in-date", "not_yet_valid_intermediate", "The intermediate begins in two days.",
			func(p *plan) { p.mid.between(p.site.Now, 2, 3*365) }, midCert),

		// Nothing is wrong yet: five days are less than a third of any lifetime here (tls §5).
		flaw("near-expiry", "trust.renewal", "near_expiry", "The leaf ends in five days.",
			func(p *plan) { p.leaf.between(p.site.Now, -85, 5) }, leafDates),
		flaw("near-expiry-intermediate", "trust.renewal", "near_expiry_intermediate", "The intermediate ends in five days, long before the leaf.",
			func(p *plan) { p.mid.between(p.site.Now, -3*365, 5) }, midCert),
		// Beyond every limit that public authorities have had since 2018. The site's own authority is a private one, which they
		// do not bind, so that no diagnosis follows (tls-clients §5).
		flaw("validity-too-long", "", "", "The leaf was issued for 825 days, as private authorities may.",
			func(p *plan) { p.leaf.between(p.site.Now, -25, 800) }, leafDates),
	}
}

// between sets the certificate's validity, in days from now.
func (n *node) between(now time.Time, fromDay, toDay int) {
	n.tmpl.NotBefore, n.tmpl.NotAfter = now.AddDate(0, 0, fromDay), now.AddDate(0, 0, toDay)
}

// expiredIntermediate publishes the later edition, of the same key, where the leaf's AIA address points (tls §6).
func expiredIntermediate(p *plan) {
	if p.site.BaseURL != "" {
		p.publish(p.mid.aiaName, p.mid.reissue())
	}
	p.mid.between(p.site.Now, -3*365, -2)
}
