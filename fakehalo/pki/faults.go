package pki

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A Fault is one flaw that a site can be made with.
type Fault struct {
	Name        string // "missing-intermediate"
	Says        string // what is wrong, one sentence
	Requirement string // the requirement that it breaks, "trust.chain"; empty for a variation that breaks none
	Cause       string // the keyword that a correct diagnosis reports, "missing_intermediate"; empty as well
}

// A fault is a Fault and how it is done.
type fault struct {
	Fault
	decides []aspect         // what it settles; two faults that settle the same thing clash
	needs   func(Site) error // nil, or what the site has to have; the error says that it lacks it
	apply   func(*plan)      // edits the plan
}

// flaw is a fault that any site can have.
func flaw(name, requirement, cause, says string, apply func(*plan), decides ...aspect) fault {
	return fault{Fault: Fault{Name: name, Says: says, Requirement: requirement, Cause: cause}, decides: decides, apply: apply}
}

// requiring is the same fault for sites that have something.
func (f fault) requiring(needs func(Site) error) fault {
	f.needs = needs
	return f
}

// needsBaseURL refuses a site whose certificates cannot name an address to fetch anything from.
func needsBaseURL(s Site) error {
	if s.BaseURL == "" {
		return errors.New("the site has no base URL")
	}
	return nil
}

// needsIP refuses a site that has names only.
func needsIP(s Site) error {
	if len(s.IPs) == 0 {
		return errors.New("the site has no address")
	}
	return nil
}

// An aspect is a part of the site that one fault at most may decide. It is coarse on purpose: where two flaws would hide
// each other completely, such as an intermediate that is expired and not sent, they share one.
type aspect string

const (
	leafDates   aspect = "the leaf's dates"
	leafNames   aspect = "the leaf's names"
	constrained aspect = "which names the intermediate may issue for"
	leafPurpose aspect = "the leaf's extensions"
	leafKey     aspect = "the leaf's key"
	signature   aspect = "the leaf's signature"
	issuerOf    aspect = "who issued the leaf"
	midCert     aspect = "the intermediate"
	rootCert    aspect = "the root"
	sentList    aspect = "the list that is sent"
	handshake   aspect = "the handshake"
	status      aspect = "the revocation status"
)

// catalogue lists every fault, by subject, in the order of Faults.
var catalogue = sync.OnceValue(func() []fault {
	return slices.Concat(
		pathFaults(), sentFaults(), fetchFaults(), dateFaults(), nameFaults(), strengthFaults(), revocationFaults(), consistencyFaults(),
		handshakeFaults(), rawFaults(),
	)
})

// Faults lists every fault, in a stable order.
func Faults() []Fault {
	list := make([]Fault, len(catalogue()))
	for i, f := range catalogue() {
		list[i] = f.Fault
	}
	return list
}

// selectFaults looks the names up and refuses an unknown one and two that clash. A name given twice counts once. The result is in
// catalogue order, so that the order of the names makes no difference.
func selectFaults(names []string) ([]fault, error) {
	var chosen []int
	taken := map[aspect]string{}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		at := slices.IndexFunc(catalogue(), func(f fault) bool { return f.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("unknown certificate fault %q", name)
		}
		for _, a := range catalogue()[at].decides {
			if other, clash := taken[a]; clash {
				return nil, fmt.Errorf("faults %q and %q clash: both decide %s", other, name, a)
			}
			taken[a] = name
		}
		chosen = append(chosen, at)
	}
	slices.Sort(chosen)
	faults := make([]fault, len(chosen))
	for i, at := range chosen {
		faults[i] = catalogue()[at]
	}
	return faults, nil
}
