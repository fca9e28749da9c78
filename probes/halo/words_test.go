package halo

import (
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

func TestTitle(t *testing.T) {
	for body, want := range map[string]string{
		"<html><title>Wartungsarbeiten</title>":                      "Wartungsarbeiten",
		"<html><TITLE lang=de>\n Zugriff\t&amp; Pause\n</TITLE>":     "Zugriff & Pause",
		"<html><title>a\x1b[31mb\u202ec</title>":                     "a [31mb c",
		"<html><title></title>":                                      "",
		"<html><body>none</body>":                                    "",
		"<html><title>" + strings.Repeat("ä", 81) + "</title>":       strings.Repeat("ä", 80) + "…",
		`{"title":"<title>no page</title>"}`:                         "",
		"<html><title>メンテナンス中</title><svg><title>icon</title></svg>": "メンテナンス中",
	} {
		if got := Title(wire.Page{Status: 200, Body: []byte(body)}); got != want {
			t.Errorf("Title(%q) = %q, want %q", body, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		status            int
		label, body, want string
	}{
		{403, "application/json", `{"ClassName":"System.Exception","Message":"Your licence has expired."}`, "Your licence has expired."},
		{403, "application/json", `{"resultCode":1,"errorMessage":"locked"}`, "locked"},
		{400, "application/json", `"Tenant\nnot found"`, "Tenant not found"},
		{402, "text/plain; charset=utf-8", "Pay first", "Pay first"},
		{402, "text/plain", "Payment Required", ""}, {403, "application/json", `{"Message":"Forbidden."}`, ""}, {401, "application/problem+json", `{"title":"Unauthorized","status":401}`, ""},
		{403, "text/html", "<html><title>x</title>", ""}, {403, "", "words", ""}, {403, "application/json", `{"error":{"code":1}}`, ""}, {403, "", "", ""},
		{403, "text/plain", strings.Repeat("x", wire.MaxText+1), ""},
	} {
		if got := Words(wire.Page{Status: c.status, Type: c.label, Body: []byte(c.body)}); got != c.want {
			t.Errorf("Words(%d %q) = %q, want %q", c.status, c.body, got, c.want)
		}
	}
}

func TestReasonOf(t *testing.T) {
	for words, want := range map[string]Reason{
		"The application is inactive.": ApplicationOff, "The client application has been disabled.": ApplicationOff, "This app is not active": ApplicationOff,
		"The agent account is disabled.": AgentOff, "This account has been locked.": AgentOff, "User is locked out": AgentOff,
		"Your trial has expired.": Licence, "There are not enough licences available.": Licence, "No license": Licence,
		"The 'client_secret' parameter is not valid for this client application.": OtherMethod,
		"The specified client credentials are invalid.":                           "", "The specified 'client_id' parameter is invalid.": "",
		"This client application is not allowed to use the specified grant type.": "", "Access blocked by policy": "", "Your account has no access to this application": "", "": "",
	} {
		if got := ReasonOf(words); got != want {
			t.Errorf("ReasonOf(%q) = %q, want %q", words, got, want)
		}
	}
}

func TestScopeListReadsEveryWriting(t *testing.T) {
	for _, text := range []string{"read:items edit:items", "read:items,edit:items", "read:items+edit:items", "read:items; edit:items", "read:items|edit:items", `["read:items","edit:items"]`, "\nread:items\n\tedit:items"} {
		if got := strings.Join(ScopeList(text), " "); got != "read:items edit:items" {
			t.Errorf("ScopeList(%q) = %q", text, got)
		}
	}
}

func TestAbsenceInAnotherCaseMeansNothing(t *testing.T) {
	of := func(types ...string) EffectiveClaims {
		var list []Claim
		for _, name := range types {
			list = append(list, Claim{Type: name, Value: "2"})
		}
		return EffectiveClaims{{Name: "x", Claims: list}}
	}
	for _, c := range []struct {
		types []string
		code  string
		want  bool
	}{
		{[]string{"Ux", "Cx"}, "Ix", true}, {[]string{"ux", "ix", "Cx"}, "Ix", false}, {[]string{"UX", "IX", "Cx"}, "Ix", false},
		{[]string{"LC", "l6"}, "lc", true}, {[]string{"lx", "Ux"}, "Lx", true}, {[]string{"L6", "l8"}, "l6", false},
	} {
		if got := of(c.types...).AbsenceMeansNo(c.code); got != c.want {
			t.Errorf("%v: absence of %s means no: %t, want %t", c.types, c.code, got, c.want)
		}
	}
}

func TestClaimsUnderOtherKeysAreNotShown(t *testing.T) {
	for body, want := range map[string]bool{
		`{"id":7,"name":"x","claims":[{"type":"Ux","value":"2"}]}`: true, `{"id":7,"name":"x","claims":[]}`: true,
		`{"id":7,"name":"x","claims":[{"Type":"Ux","Value":"2"}]}`: false, `{"id":7,"name":"x","claims":["Ux"]}`: false, `{"id":7,"name":"x","claims":{}}`: false,
	} {
		a, err := DecodeAgent([]byte(body))
		if err != nil || a.Fields.Claims != want {
			t.Errorf("%s: shown %v (%v), want %t", body, a, err, want)
		}
	}
}

func TestWhatTheURLHoldsIsNoSecret(t *testing.T) {
	resource, _ := url.Parse("https://acme.halopsa.com")
	const pair = "5a1e9c7b-0d2f-4e36-8a4b-6c8d0e2f4a61-b3c5d7e9-1f2a-4b3c-9d4e-5f6a7b8c9d0e"
	target := probes.Target{Resource: resource, AuthURL: "https://auth.acme.example/" + pair}
	for text, want := range map[string]bool{
		"acme": true, " ACME\n": true, "acme.halopsa.com": true, "https://acme.halopsa.com": true, "auth.acme.example": true,
		"acm": false, "": false, "acme2": false, pair: false, target.AuthURL: false,
	} {
		if got := isOfURL(target, text); got != want {
			t.Errorf("isOfURL(%q) = %t, want %t", text, got, want)
		}
	}
}
