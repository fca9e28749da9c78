package role

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestPermissionSteps: own is not everybody's, and a value that no source explains is neither.
func TestPermissionSteps(t *testing.T) {
	for _, test := range []struct {
		name, permission, atLeast, code, value string
		status                                 probes.Status
		cause                                  probes.Cause
		says                                   string
	}{
		{"all", "edit-actions", "all", "l5", "3", probes.Passed, probes.OK, "may edit actions"},
		{"own, and all is asked for", "edit-actions", "all", "l5", "1", probes.Failed, probes.LevelTooLow, "may edit actions of its own alone"},
		{"own", "edit-actions", "own", "l5", "1", probes.Passed, probes.OK, "may edit actions"},
		{"none", "edit-actions", "own", "l5", "0", probes.Failed, probes.PermissionOff, "may not edit actions"},
		{"a step that nobody explains", "view-appointments", "all", "lz", "2", probes.Unknown, probes.ClaimAbsent, "no source tells"},
		{"adding has fewer", "add-appointments", "all", "lg", "2", probes.Passed, probes.OK, "may add appointments"},
	} {
		expect(t, judgePermission(held(halo.Claim{Type: test.code, Value: test.value}), test.permission, test.atLeast), test.status, test.cause, test.says)
	}
}

func TestAssetRestrictions(t *testing.T) {
	for _, test := range []struct {
		name   string
		claim  halo.Claim
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"all", halo.Claim{Type: "Fa", Value: "1"}, probes.Passed, probes.OK, "allows all asset types"},
		{"not all", halo.Claim{Type: "Fa", Value: "0"}, probes.Failed, probes.RestrictedAssets, "does not allow all asset types"},
		{"only its neighbours are there", halo.Claim{Type: "Ft", Value: "1"}, probes.Failed, probes.RestrictedAssets, "the claim Fa is missing"},
		{"nothing is known", halo.Claim{Type: "Tx", Value: "2"}, probes.Unknown, probes.ClaimAbsent, "whether it may use all asset types"},
		{"administrator", halo.Claim{Type: "SA", Value: "true"}, probes.Passed, probes.OK, "administrator"},
	} {
		expect(t, judgeRestriction(held(test.claim), "asset-types"), test.status, test.cause, test.says)
	}
	expect(t, judgeRestriction(held(halo.Claim{Type: "Ff", Value: "0"}), "asset-fields"), probes.Failed, probes.RestrictedAssets, "all asset fields")
}
