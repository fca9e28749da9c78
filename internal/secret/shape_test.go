package secret

import "testing"

func TestLooksLikeOne(t *testing.T) {
	for text, want := range map[string]bool{
		"3f2504e0-4f89-41d3-9a0c-0305e82c3301-7c9e6679-7425-40de-944b-e07fc1f90ae7": true,
		"https://3F2504E0-4F89-41D3-9A0C-0305E82C3301.halopsa.com":                  true,
		"S3cretS3cretS3cret1": true, "https://Zx81QwErTy99AbCdEfGh/": true,
		"https://acme.halopsa.com": false, "acme": false, "60 seconds": false, "localhost": false, "https://[2001:DB8::ab1]:8443": false,
		"https://AcmeIT2026Servicedesk.example.com": false, "https://HaloServer01/API/somewhere": false, "HALO-Server-Prod01": false, "": false,
	} {
		if got := LooksLikeOne(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
