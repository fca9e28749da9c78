package halo

import "testing"

func TestRefusesScopes(t *testing.T) {
	for _, c := range []struct {
		name  string
		apart map[string]TokenReply
		want  bool
	}{
		{"nothing asked", nil, false},
		{"one refused", map[string]TokenReply{"all": {Granted: true}, "admin": {Error: "invalid_request"}}, true},
		{"all granted", map[string]TokenReply{"all": {Granted: true}, "admin": {Granted: true}}, false},
		{"granted with an error", map[string]TokenReply{"all": {Granted: true, Error: "invalid_request"}}, false},
		{"a name that is unknown", map[string]TokenReply{"all": {Error: "invalid_scope"}}, false},
		{"the secret is wrong", map[string]TokenReply{"all": {Error: "invalid_client"}}, false},
	} {
		if got := RefusesScopes(c.apart); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestImpliedBy(t *testing.T) {
	for scope, want := range map[string]string{"read:items": "edit:items", "Read:Items": "edit:items", "edit:items": "", "all": ""} {
		if got := ImpliedBy(scope); got != want {
			t.Errorf("%s: %q", scope, got)
		}
	}
}
