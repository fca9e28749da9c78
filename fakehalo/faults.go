package fakehalo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// Fault is one thing that is wrong with an instance or with what was typed into the integration.
type Fault struct {
	Name string // "missing-intermediate"; for a certificate fault "missing-intermediate@auth" puts it on the authorisation host
	Says string // one sentence
	// Requirement, Status and Cause are what a correct diagnosis reports; empty for a healthy variation.
	Requirement, Status, Cause string

	apply func(*instance)
}

// Faults lists every fault in a stable order: from the network up to the agent's teams.
func Faults() []Fault {
	var certs []Fault
	for _, f := range pki.Faults() {
		certs = append(certs, certFault(f, false))
	}
	return slices.Concat(networkFaults(), certs, productFaults(), loginFaults(), applicationFaults(), roleFaults(), agentFaults())
}

// atAuth is what a certificate fault's name ends in where the authorisation host has it.
const atAuth = "@auth"

func certFault(f pki.Fault, auth bool) Fault {
	status := "fail"
	switch f.Cause {
	case "connection_reset":
		status = "unknown" // a reset is transient: contract of the checker
	case "":
		status = ""
	}
	fault := Fault{Name: f.Name, Says: f.Says, Requirement: f.Requirement, Status: status, Cause: f.Cause}
	if auth {
		fault.Name += atAuth
		fault.apply = func(i *instance) { i.otherKin, i.authCert = true, append(i.authCert, f.Name) }
	} else {
		fault.apply = func(i *instance) { i.certs = append(i.certs, f.Name) }
	}
	return fault
}

// Named finds faults by name; "healthy" stands for none, "dialect:NAME=VALUE" for a switch. The error names the first
// unknown one and others like it.
func Named(names ...string) ([]Fault, error) {
	var out []Fault
	for _, name := range names {
		name = strings.TrimSpace(name)
		if name == "healthy" {
			continue
		}
		if setting, ok := strings.CutPrefix(name, dialectPrefix); ok {
			f, err := parseDialect(setting)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
			continue
		}
		f, ok := named(name)
		if !ok {
			return nil, fmt.Errorf("there is no fault %q%s", name, like(name))
		}
		out = append(out, f)
	}
	return out, nil
}

func named(name string) (Fault, bool) {
	if plain, ok := strings.CutSuffix(name, atAuth); ok {
		network := networkFaults()
		if at := slices.IndexFunc(network, func(f Fault) bool { return f.Name == plain }); at >= 0 && networkAtAuth[plain] != nil {
			f := network[at]
			f.Name, f.apply = name, networkAtAuth[plain]
			return f, true
		}
		for _, f := range pki.Faults() {
			if f.Name == plain {
				return certFault(f, true), true
			}
		}
	}
	all := Faults()
	if at := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name }); at >= 0 {
		return all[at], true
	}
	return Fault{}, false
}

// like suggests up to three faults whose names are nearest to a mistyped one, the nearest first.
func like(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, atAuth))
	var near []string
	for _, f := range Faults() {
		if levenshtein.ComputeDistance(name, f.Name) <= len(name)/2 {
			near = append(near, f.Name)
		}
	}
	if len(near) == 0 {
		return ""
	}
	slices.SortStableFunc(near, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return " (did you mean " + strings.Join(near[:min(len(near), 3)], " or ") + "?)"
}
