package probes

// blockers decides what a blocked finding waits for. Nothing waits for a requirement that passes, does not apply, was
// attested or was skipped (contract §10, 5). None of that opens a connection, though: the first finding behind such a
// requirement could still not be asked, so it becomes unknown, and the others wait for that one.
type blockers struct {
	run    *run
	checks []Check
	first  map[string]string // by the requirement that blocks nothing: the finding that stands in for it
}

// settle is f with what it really waits for.
func (b *blockers) settle(f Finding) Finding {
	if f.Status != Blocked {
		return f
	}
	why, remedy := b.cleared(f.BlockedBy)
	if why == "" {
		return f
	}
	if first := b.first[f.BlockedBy]; first != "" {
		f.BlockedBy, f.Because = first, (&Unmet{ID: first}).Error()
		return f
	}
	if f.Level == Must {
		b.first[f.BlockedBy] = f.ID
	}
	f.Status, f.Cause, f.Because, f.BlockedBy, f.Remedy = Unknown, NotObserved, why, "", &remedy
	return f
}

// cleared tells why a requirement blocks nothing, and how to find out what is behind it; empty where it does block: it
// fails, or nobody knows, for one host at least.
func (b *blockers) cleared(id string) (why string, remedy Remedy) {
	for _, c := range b.checks {
		if c.Meta().ID != id {
			continue
		}
		f := c.evaluate(b.run)
		switch {
		case f.omit:
		case f.Status == Skipped:
			why, remedy = id+" was skipped; it does not hold, and this could not be asked without it", Remedy{Who: Operator, Do: "Run halocheck without skipping " + id + "."}
		case f.Attested != "":
			why, remedy = "somebody vouched for "+id+", yet this machine did not get through", fromElsewhere
		case f.Status == Passed, f.Status == NotApplicable:
			why, remedy = "this machine did not get through, although nothing is wrong with "+id, fromElsewhere
		default:
			return "", Remedy{}
		}
	}
	return why, remedy
}

// fromElsewhere is how to find out what this machine is kept from.
var fromElsewhere = Remedy{Who: Operator, Do: "Run halocheck from where the instance answers."}
