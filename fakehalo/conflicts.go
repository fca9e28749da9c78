package fakehalo

import "fmt"

// checkConflicts returns an error where two faults change the same field of the integration's form. Package pki checks the
// certificate faults.
func checkConflicts(faults []Fault) error {
	by := map[string]string{}
	for _, f := range faults {
		i := healthy()
		right := i.typed
		f.apply(i)
		for field, changed := range map[string]bool{
			"Authorisation Server": i.typed.AuthURL != right.AuthURL,
			"Client ID":            i.typed.ClientID != right.ClientID,
			"Client Secret":        i.typed.ClientSecret != right.ClientSecret,
			"Tenant":               i.typed.Tenant != right.Tenant,
		} {
			if !changed {
				continue
			}
			if other := by[field]; other != "" && other != f.Name {
				return fmt.Errorf("the faults %s and %s both decide what was typed as %s: take one of them", other, f.Name, field)
			}
			by[field] = f.Name
		}
	}
	return nil
}
