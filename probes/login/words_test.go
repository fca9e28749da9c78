package login

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
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
		{
			Me{Page: wire.Page{Status: 404}, Before: "a block page"},
			"/Agent/me answered status 404",
		},
		{
			Me{Page: wire.Page{Status: 404}, Others: map[string]int{"Client": 403}, Unnamed: true},
			"/Agent/me answered status 404",
		},
		{
			Me{Page: wire.Page{Status: 403}, Others: map[string]int{"Client": 200}, Unnamed: true},
			"the instance refuses /Agent/me but answers other calls (/Agent/me 403, /Client 200)",
		},
		{
			Me{Page: wire.Page{Status: 401, BadToken: true}, Others: map[string]int{"Client": 200}},
			"the instance refuses /Agent/me but answers other calls (/Agent/me 401, /Client 200)",
		},
		{
			Me{Page: wire.Page{Status: 403}, Others: map[string]int{"Client": 403}, Unnamed: true},
			"the log-in works, but every call after it is refused (/Agent/me 403, /Client 403): the application logs in as no agent, or has no permission",
		},
	} {
		if got := judgeLoginType(c.me).Because; got != c.want {
			t.Errorf("%+v: %s", c.me, got)
		}
	}
}

// TestRefusedCredentials sends nobody to the secret where the Client ID is the half that is wrong.
func TestRefusedCredentials(t *testing.T) {
	for description, want := range map[string]probes.Remedy{"The specified 'client_id' is invalid.": copyID, "The specified client credentials are invalid.": checkCredentials, "": checkCredentials} {
		v := judgeGrant(Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 400}, Error: "invalid_client", Description: description}})
		if v.Remedy == nil || *v.Remedy != want {
			t.Errorf("%q: %+v", description, v.Remedy)
		}
	}
}

func TestTokenInWords(t *testing.T) {
	for want, g := range map[string]Grant{
		"a token was issued for read:items edit:items":      {Final: halo.TokenReply{Granted: true}, Kept: []string{"read:items", "edit:items"}},
		"a token was issued for none of the guide's scopes": {Final: halo.TokenReply{Granted: true}},
	} {
		if got := judgeGrant(g).Because; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFirstScope is the first that this run reports, which says of all scopes that there are none.
func TestFirstScope(t *testing.T) {
	g := &guide.Guide{}
	g.Application.Scopes = []guide.Scope{{Name: "read:Items", Row: guide.Row{Profile: "billing"}}, {Name: "all:teams", Row: guide.Row{Profile: "alerts"}}}
	for want, s := range map[string]*probes.Session{
		"application.scope-read-items": {Guide: g},
		"application.scope-all-teams":  {Guide: g, Skip: []string{"*-items"}},
	} {
		if got := FirstScope(s, s.Guide); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for name, s := range map[string]*probes.Session{"another profile": {Guide: g, Profiles: []probes.Profile{"alerts"}}, "not asked for": {Guide: g, Only: []string{"*-teams"}}} {
		if got := FirstScope(s, s.Guide); got != "application.scope-all-teams" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := FirstScope(&probes.Session{Guide: g, Skip: []string{"application.*"}}, g); got != "application.scope-read-items" {
		t.Errorf("where none is reported: %s", got)
	}
}

// TestSlashIsKnownAtOnce judges what was typed although the run is over.
func TestSlashIsKnownAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &probes.Session{Guide: guide.BuiltIn(), Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "a.example"}, AuthURL: "https://a.example/auth/", AuthTyped: true}}
	for f := range probes.Run(ctx, s, []probes.Check{AuthURLSlash}) {
		if f.Status != probes.Passed {
			t.Errorf("%s %s: %s", f.Status, f.Cause, f.Because)
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
