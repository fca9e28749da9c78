package product

import (
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
)

// TestIdentification takes what is known from authinfo first and from InstanceInfo where authinfo does not say it.
func TestIdentification(t *testing.T) {
	silent := AuthInfo{Response: network.Response{Page: wire.Page{Status: 404}}}
	bare := AuthInfo{Response: network.Response{Page: wire.Page{Status: 200}, Halo: true}, JSON: true}
	full := bare
	full.AuthURL, full.Tenant = "https://a/auth", " acme "
	foreign, own := Instance{}, Instance{Response: network.Response{Halo: true}, AuthURL: "https://b/auth", Tenant: " beta "}
	for name, c := range map[string]struct {
		seen            Identification
		answered        bool
		authURL, tenant string
	}{
		"authinfo alone":                   {Identification{Info: full}, true, "https://a/auth", "acme"},
		"authinfo first":                   {Identification{Info: full, Instance: &own}, true, "https://a/auth", "acme"},
		"authinfo that names neither":      {Identification{Info: bare, Instance: &own}, true, "https://b/auth", "beta"},
		"neither is named":                 {Identification{Info: bare}, true, "", ""},
		"InstanceInfo alone":               {Identification{Info: silent, Instance: &own}, true, "https://b/auth", "beta"},
		"InstanceInfo of something else":   {Identification{Info: silent, Instance: &foreign}, false, "", ""},
		"nothing, and nothing beside that": {Identification{Info: silent}, false, "", ""},
	} {
		if c.seen.Answered() != c.answered || c.seen.AuthURL() != c.authURL || c.seen.Tenant() != c.tenant {
			t.Errorf("%s: %t, %q, %q", name, c.seen.Answered(), c.seen.AuthURL(), c.seen.Tenant())
		}
	}
}

func TestIdentificationInWords(t *testing.T) {
	info := func(status int, change func(*AuthInfo)) AuthInfo {
		a := AuthInfo{Response: network.Response{Path: "/api/authinfo", Page: wire.Page{Status: status}}}
		change(&a)
		return a
	}
	bare := info(200, func(a *AuthInfo) { a.JSON, a.Halo = true, true })
	full := info(200, func(a *AuthInfo) { a.JSON, a.AuthURL = true, "https://x/auth" })
	instance := &Instance{Response: network.Response{Halo: true}}
	for name, c := range map[string]struct {
		seen   Identification
		status probes.Status
		cause  probes.Cause
		says   string // a part of it
		do     string // a part of the verdict's own remedy; empty: it has none
	}{
		"healthy":            {Identification{Info: full}, probes.Passed, probes.OK, "names the Authorisation Server https://x/auth", ""},
		"without an address": {Identification{Info: bare}, probes.Passed, probes.OK, "names no Authorisation Server", ""},
		"InstanceInfo alone": {Identification{Info: info(404, func(*AuthInfo) {}), Instance: instance}, probes.Passed, probes.OK, "(/api/authinfo: status 404, no content type)", ""},
		"under a wrong path": {Identification{Info: full, WrongPath: "/portal", Origin: "https://x"}, probes.Failed, probes.WrongPath, "/portal", "https://x as the Resource Server"},
		"a login of IIS's": {Identification{Info: info(401, func(a *AuthInfo) {
			a.Seen = halo.Recognition{Sign: halo.HTTPAuth, What: "a demand for NTLM authentication"}
		})}, probes.Failed, probes.HTTPAuthRequired, "a demand for NTLM authentication", "Anonymous Authentication"},
		"a redirect": {Identification{Info: info(301, func(a *AuthInfo) { a.Seen.RedirectsTo = "https://new/halo" })}, probes.Failed, probes.NotHalo, "points to https://new/halo", "moved to https://new/halo"},
		"asked for after the handshake": {Identification{Info: info(0, func(a *AuthInfo) {
			a.Cause, a.Detail, a.Seen.Sign = probes.NotObserved, "it asks for a certificate", halo.ClientCert
		})}, probes.Unknown, probes.NotObserved, "it asks for a certificate", "client certificate"},
		"client certificates": {Identification{Info: info(403, func(a *AuthInfo) { a.Cause, a.Detail = probes.ClientCertRequired, "a page that asks for one" })}, probes.Failed, probes.ClientCertRequired, "a page that asks for one", "client certificate"},
	} {
		v, do := judgeIdentification(c.seen), ""
		if v.Remedy != nil {
			do = v.Remedy.Do
		}
		if v.Status != c.status || v.Cause != c.cause || !strings.Contains(v.Because, c.says) || !strings.Contains(do, c.do) || (do == "") != (c.do == "") {
			t.Errorf("%s: %s %s: %s / %s", name, v.Status, v.Cause, v.Because, do)
		}
	}
}

func TestInstanceIsRead(t *testing.T) {
	var i Instance
	i.read([]byte("\ufeff" + `{"app_version":"2.236.133","database_version":2236,"auth_url":"https://x/auth","tenant_id":"acme","hosted_group":" US16-Stable8 "}`))
	if i.App != "2.236.133" || i.Database != "2236" || i.AuthURL != "https://x/auth" || i.Tenant != "acme" || i.HostedGroup != "US16-Stable8" {
		t.Errorf("%+v", i)
	}
}

// TestNoneWords has the guide's words for an instance without tenants, and HaloPSA's own where the guide has none.
func TestNoneWords(t *testing.T) {
	for name, c := range map[string]struct {
		row  *guide.Tenant
		want string
	}{"no row": {nil, "Not set"}, "no words": {&guide.Tenant{}, "Not set"}, "words": {&guide.Tenant{OnPremise: "Leave empty"}, "Leave empty"}} {
		s := &probes.Session{Guide: &guide.Guide{Product: guide.Product{Tenant: c.row}}, Target: probes.Target{Tenant: "acme", TenantTyped: true}}
		if got := Typed(s); got.NoneWords != c.want || got.Typed != "acme" || !got.WasTyped {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTokenBase(t *testing.T) {
	named := Identification{Info: AuthInfo{AuthURL: "https://named/auth"}}
	resource := &url.URL{Scheme: "https", Host: "acme.example"}
	for name, c := range map[string]struct {
		target probes.Target
		seen   Identification
		want   string
	}{
		"typed":   {probes.Target{Resource: resource, AuthURL: "https://typed/auth/", AuthTyped: true}, named, "https://typed/auth/"},
		"named":   {probes.Target{Resource: resource, AuthURL: "not typed"}, named, "https://named/auth"},
		"neither": {probes.Target{Resource: resource}, Identification{}, "https://acme.example/auth"},
	} {
		if got := TokenBase(&probes.Session{Target: c.target}, c.seen); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestOpenTenant leaves to a login what only a login shows: a tenant that was typed, that nobody names, and that the token
// endpoint does not turn down.
func TestOpenTenant(t *testing.T) {
	oauth := &Answer{Status: 400, OAuth: true}
	for name, c := range map[string]struct {
		setting TenantSetting
		open    bool
		wrong   bool
	}{
		"typed, and answered":         {TenantSetting{WasTyped: true, Typed: "acme", With: oauth}, true, false},
		"typed, and nobody was asked": {TenantSetting{WasTyped: true, Typed: "acme"}, false, false},
		"typed, and turned down":      {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 500}, Without: oauth}, false, true},
		"typed, and another is named": {TenantSetting{WasTyped: true, Typed: "acme", Named: "beta", With: oauth}, false, true},
		"none typed":                  {TenantSetting{WasTyped: true, Named: "", With: oauth}, false, false},
		"not mentioned":               {TenantSetting{Typed: "acme", With: oauth}, false, false},
	} {
		if c.setting.Open() != c.open || c.setting.Wrong() != c.wrong {
			t.Errorf("%s: open %t, wrong %t", name, c.setting.Open(), c.setting.Wrong())
		}
	}
}
