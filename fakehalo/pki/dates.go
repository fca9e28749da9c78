package pki

// dateFault is a flaw in the days that a certificate is valid.
func dateFault(name, requirement, cause, says string, apply func(*plan), decides aspect) fault {
	return fault{Fault{name, says, requirement, cause}, []aspect{decides}, false, func(p *plan) error { apply(p); return nil }}
}

var dateFaults = []fault{
	dateFault("expired", "trust.in-date", "expired", "The leaf ended two days ago.",
		func(p *plan) { p.leaf.between(p, -92, -2) }, leafDates),
	dateFault("expired-intermediate", "trust.in-date", "expired_intermediate", "The intermediate ended two days ago; a renewed one exists.",
		func(p *plan) { p.renewed(); p.mid.between(p, -3*365, -2) }, midCert),
	dateFault("expired-root", "trust.in-date", "expired_root", "The trusted root ended two days ago.",
		func(p *plan) { p.root.between(p, -10*365, -2) }, rootCert),
	dateFault("not-yet-valid", "trust.in-date", "not_yet_valid", "The leaf begins in two days.",
		func(p *plan) { p.leaf.between(p, 2, 92) }, leafDates),
	dateFault("not-yet-valid-intermediate", "trust.in-date", "not_yet_valid_intermediate", "The intermediate begins in two days.",
		func(p *plan) { p.mid.between(p, 2, 3*365) }, midCert),
	dateFault("near-expiry", "trust.renewal", "near_expiry", "The leaf ends in five days.",
		func(p *plan) { p.leaf.between(p, -85, 5) }, leafDates),
	dateFault("near-expiry-intermediate", "trust.renewal", "near_expiry_intermediate", "The intermediate ends in five days, long before the leaf.",
		func(p *plan) { p.mid.between(p, -3*365, 5) }, midCert),
	dateFault("validity-too-long", "trust.tidy", "validity_too_long", "The leaf was issued for 825 days.",
		func(p *plan) { p.leaf.between(p, -25, 800) }, leafDates),
}

// between sets the certificate's validity, in days from the site's now.
func (n *node) between(p *plan, fromDay, toDay int) {
	n.tmpl.NotBefore, n.tmpl.NotAfter = p.site.Now.AddDate(0, 0, fromDay), p.site.Now.AddDate(0, 0, toDay)
}

// renewed publishes a later edition of the intermediate, same key, where the leaf's AIA address points (tls §6).
func (p *plan) renewed() {
	if p.site.BaseURL != "" {
		p.publish(p.mid.slug, p.mid.twin())
	}
}
