package login

import (
	"errors"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// TestFormInWords tells a secret as HaloPSA makes it from another one that may be right.
func TestFormInWords(t *testing.T) {
	for form, want := range map[Form]string{
		{IDGUID: true, SecretIsPair: true}: "a GUID, and two GUIDs joined by a hyphen",
		{IDGUID: true}:                     "a GUID, and a secret without stray characters (not the two joined GUIDs that HaloPSA usually makes)",
	} {
		if got := judgeForm(form).Because; got != want {
			t.Errorf("%+v: %s", form, got)
		}
	}
}

// TestWhichHalf reads which of the two is wrong out of what the endpoint says, and guesses nothing.
func TestWhichHalf(t *testing.T) {
	for description, want := range map[string]string{
		"The specified 'Client_ID' is invalid.":         "the instance does not know this Client ID: ",
		"The specified client Credentials are invalid.": "the Client ID is right, the Client Secret is not: ",
		"No.": "",
		"":    "",
	} {
		if got := whichHalf(description); got != want {
			t.Errorf("%q: %q", description, got)
		}
	}
}

// TestLoginTypeInWords keeps a refusal of one call apart from an answer that is neither.
func TestLoginTypeInWords(t *testing.T) {
	for _, c := range []struct {
		me   Me
		want string
	}{
		{
			Me{Page: wire.Page{Status: 403}, Others: map[string]int{"Client": 200}},
			"the instance refuses /Agent/me but answers other calls (/Agent/me 403, /Client 200)",
		},
		{
			Me{Page: wire.Page{Status: 404}, Others: map[string]int{"Client": 200}},
			"/Agent/me answered status 404",
		},
	} {
		if got := judgeLoginType(c.me).Because; got != c.want {
			t.Errorf("%+v: %s", c.me, got)
		}
	}
}

func TestWellFormed(t *testing.T) {
	for text, want := range map[string]bool{"https://a/auth/": true, "http://a/auth/": false, "auth": false} {
		if got := WellFormed(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestNoCredentials is unknown, not failed: nothing was seen.
func TestNoCredentials(t *testing.T) {
	var unseen *probes.Unobserved
	if err := errNoCredentials(); !errors.As(err, &unseen) || unseen.Cause != probes.NotObserved {
		t.Errorf("%v", err)
	}
}
