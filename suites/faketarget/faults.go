package faketarget

import (
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/faultlist"
)

// Faults are what the fake can do wrong, for a list or a page.
func Faults() (list []faultlist.Fault) {
	for _, f := range fakehalo.Faults() {
		list = append(list, faultlist.Fault{Name: f.Name, Says: f.Says, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return list
}
