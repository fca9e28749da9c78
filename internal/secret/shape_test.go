package secret

import "testing"

func TestLooksLikeOne(t *testing.T) {
	for text, want := range map[string]bool{
		"3f2504e0-4f89-41d3-9a0c-0305e82c3301-7c9e6679-7425-40de-944b-e07fc1f90ae7": true,
		"https://3F2504E0-4F89-41D3-9A0C-0305E82C3301.halopsa.com":                  true,
		"S3cretS3cretS3cret1": true, "https://Zx81QwErTy99AbCdEfGh/": true,
		"https://acme.halopsa.com": false, "acme": false, "60 seconds": false, "localhost": false, "https://[2001:DB8::ab1]:8443": false,
		"https://AcmeIT2026Servicedesk.example.com": false, "https://HaloServer01/API/somewhere": false, "HALO-Server-Prod01": false, "": false,
		"servicedesk2026production": false, "SERVICEDESK2026PRODUCTION": false, "ServiceDeskOfProduction": false,
	} {
		if got := LooksLikeOne(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestHide(t *testing.T) {
	const double = "3f2504e0-4f89-41d3-9a0c-0305e82c3301-7c9e6679-7425-40de-944b-e07fc1f90ae7"
	for message, want := range map[string]string{
		`there is no requirement "` + double + `"; halocheck list`:            `there is no requirement "[redacted]"; halocheck list`,
		`--via ` + double + `: it names no host`:                              `--via [redacted]: it names no host`,
		`open /tmp/` + double + `/x`:                                          `open /tmp/[redacted]/x`,
		`https://3F2504E0-4F89-41D3-9A0C-0305E82C3301.halopsa.com is no URL`:  `https://[redacted].halopsa.com is no URL`,
		`there is no format "aB3dE5fG7hJ9kL1mN3pQ5rS7"; there are text, json`: `there is no format "[redacted]"; there are text, json`,
		`open aB3dE5fG7hJ9kL1mN3pQ5rS7: no such file`:                         `open [redacted]: no such file`,
		`it is aB3dE5fG7hJ9kL1mN3pQ5rS7.`:                                     `it is [redacted].`,
		`?q=aB3dE5fG7hJ9kL1mN3pQ5rS7" has a query`:                            `?[redacted]" has a query`,
		`open /tmp/TestScript1234567890/a.yaml: no such file`:                 `open /tmp/TestScript1234567890/a.yaml: no such file`,
		`Report2026OfTheWholeFleet.json:3: it is torn`:                        `Report2026OfTheWholeFleet.json:3: it is torn`,
		`--timeout: "soon" is not a duration`:                                 `--timeout: "soon" is not a duration`,
	} {
		if got := Hide(message); got != want {
			t.Errorf("%q becomes %q", message, got)
		}
	}
	if !HasSecretForm("reason "+double) || HasSecretForm(double[:36]) {
		t.Error("the form of a Client Secret")
	}
}
