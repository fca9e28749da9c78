package probes_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

func TestParseTarget(t *testing.T) {
	for typed, want := range map[string]string{
		"https://acme.halopsa.com":          "https://acme.halopsa.com",
		"https://acme.halopsa.com/":         "https://acme.halopsa.com",
		"https://acme.halopsa.com/api":      "https://acme.halopsa.com",
		"https://ACME.halopsa.com/API/":     "https://acme.halopsa.com",
		"acme.halopsa.com":                  "https://acme.halopsa.com",
		"acme.halopsa.com:8443/api":         "https://acme.halopsa.com:8443",
		" https://acme.halopsa.com ":        "https://acme.halopsa.com",
		"LocalHost":                         "https://localhost",
		"https.acme.com":                    "https://https.acme.com",
		"https://acme.com//halo":            "https://acme.com//halo",
		"https://https.acme.com/https":      "https://https.acme.com/https",
		"HTTPS://acme.halopsa.com":          "https://acme.halopsa.com",
		"https://support.acme.com/halo/api": "https://support.acme.com/halo",
		"https://[::1]:8443":                "https://[::1]:8443",
		"https://Bücher.example:8443/api":   "https://xn--bcher-kva.example:8443",
	} {
		got, err := probes.ParseTarget(typed)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", typed, got, err, want)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	for typed, names := range map[string]string{
		"":                         "no URL",
		"https://acme halopsa.com": "blank",
		"ftp://acme.halopsa.com":   "ftp",
		"http://acme.halopsa.com":  "not https",
		"https://":                 "no host",

		"https://https://acme.halopsa.com": "use https://acme.halopsa.com",
		"https:/acme.halopsa.com":          "use https://acme.halopsa.com",
		"https:acme.halopsa.com":           "use https://acme.halopsa.com",
		"https//acme.halopsa.com/api":      "use https://acme.halopsa.com/api",
		"https/acme.halopsa.com":           "use https://acme.halopsa.com",
		"https;//acme.halopsa.com":         "use https://acme.halopsa.com",
		"https:\\\\acme.halopsa.com":       "use https://acme.halopsa.com",
		"https:///acme.halopsa.com":        "use https://acme.halopsa.com",
		"HTTPS://HTTP://acme.halopsa.com":  "use https://acme.halopsa.com",
		"http://https://acme.halopsa.com":  "use https://acme.halopsa.com",
		"https://https//acme.halopsa.com":  "use https://acme.halopsa.com",
		"https://https:/acme.halopsa.com":  "use https://acme.halopsa.com",
		"https://a.comhttps://a.com/":      "use https://a.com/",
		"https://a.com/https://a.com":      "use https://a.com",
		"https://://acme.halopsa.com":      "use https://acme.halopsa.com",
		"Acme":                             "did you mean https://acme.halopsa.com?",
		"//acme.halopsa.com":               "no host",
		"htps://acme.halopsa.com":          "htps",
		"https://user:pw@acme.com":         "user name",
		"https://acme.com?tenant=x":        "query",
		"https://acme.com:99999":           "99999",
		"https://a\u0378.com":              "looked up",
		"https://acme.com:port/":           "not a URL",
		"https://acme.halopsa.com/%":       "not a URL",
	} {
		_, err := probes.ParseTarget(typed)
		if err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%q: %v; want an error that names %q", typed, err, names)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: the error repeats a password: %v", typed, err)
		}
	}
}

func TestHosting(t *testing.T) {
	for host, want := range map[string]probes.Hosting{
		"acme.halopsa.com": probes.Hosted, "halopsa.com": probes.Hosted, "acme.haloitsm.com": probes.Hosted,
		"x.haloservicedesk.com": probes.Hosted, "acme.halocrm.com": probes.Hosted, "acme.halocrm.co.uk": probes.Hosted,
		"halo.acme.com": probes.OnPremise, "acme.halopsa.com.evil.net": probes.OnPremise, "nothalopsa.com": probes.OnPremise,
		"halocrm.acme.example.com": probes.OnPremise, "127.0.0.1": probes.OnPremise, "localhost": probes.OnPremise,
	} {
		target := probes.Target{Resource: &url.URL{Scheme: "https", Host: host}, Hosting: probes.Auto}
		if got := target.Host(); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
	forced := probes.Target{Resource: &url.URL{Host: "acme.halopsa.com"}, Hosting: probes.OnPremise}
	if forced.Host() != probes.OnPremise {
		t.Error("what the user says wins")
	}
}
