package product

import "testing"

// TestAuthURLIsRead keeps what the instance names, a password taken out, and nothing that is no URL.
func TestAuthURLIsRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"auth_url":"https://auth.example.test/auth"}`:            "https://auth.example.test/auth",
		`{"auth_url":"https://who:hush@auth.example.test/auth"}`:   "https://who:xxxxx@auth.example.test/auth",
		`{"auth_url":"https://who@auth.example.test/auth"}`:        "https://who@auth.example.test/auth",
		`{"auth_url":"https://auth.example.test/a b"}`:             "https://auth.example.test/a b",
		`{"auth_url":"/auth"}`:                                     "",
		`{"auth_url":"https://%zz"}`:                               "",
		`{"auth_url":7}`:                                           "",
		`{}`:                                                       "",
		"\ufeff" + `{"auth_url":"https://auth.example.test/auth"}`: "https://auth.example.test/auth",
	} {
		var a AuthInfo
		if a.read([]byte(body)); a.AuthURL != want || !a.JSON {
			t.Errorf("%s: %q", body, a.AuthURL)
		}
	}
}
