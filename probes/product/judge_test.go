package product

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

func TestJudgeFace(t *testing.T) {
	info := func(status int, change func(*AuthInfo)) Identification {
		a := AuthInfo{Response: network.Response{Path: "/api/authinfo", Page: wire.Page{Status: status, Tries: 3}}}
		change(&a)
		return Identification{Info: a}
	}
	for name, c := range map[string]struct {
		face   Identification
		status probes.Status
		cause  probes.Cause
	}{
		"healthy":             {info(200, func(a *AuthInfo) { a.JSON, a.AuthURL = true, "https://x/auth" }), probes.Passed, probes.OK},
		"a page":              {info(200, func(a *AuthInfo) { a.HTML = true }), probes.Failed, probes.HTMLInsteadOfJSON},
		"other JSON":          {info(200, func(a *AuthInfo) { a.JSON = true }), probes.Failed, probes.NotHalo},
		"404":                 {info(404, func(*AuthInfo) {}), probes.Failed, probes.NotHalo},
		"a redirect":          {info(302, func(a *AuthInfo) { a.Page.Location = "https://other" }), probes.Failed, probes.NotHalo},
		"429":                 {info(429, func(*AuthInfo) {}), probes.Unknown, probes.RateLimited},
		"503":                 {info(503, func(a *AuthInfo) { a.HTML = true }), probes.Unknown, probes.ServerError},
		"cut off":             {info(0, func(a *AuthInfo) { a.Cause = probes.ConnectionClosed }), probes.Unknown, probes.ConnectionClosed},
		"its fields, and 401": {info(401, func(a *AuthInfo) { a.JSON, a.AuthURL = true, "https://x/auth" }), probes.Failed, probes.NotHalo},
		"a page, and 404":     {info(404, func(a *AuthInfo) { a.HTML = true }), probes.Failed, probes.NotHalo},
		"an address, no JSON": {info(200, func(a *AuthInfo) { a.AuthURL = "https://x/auth" }), probes.Failed, probes.NotHalo},
		"200, but no JSON":    {info(200, func(*AuthInfo) {}), probes.Failed, probes.NotHalo},
	} {
		if v := judgeIdentification(c.face); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
	}
	for says, face := range map[string]Identification{
		"points to https://other":   info(302, func(a *AuthInfo) { a.Page.Location = "https://other" }),
		"/api/authinfo: status 404": info(404, func(a *AuthInfo) { a.JSON = true }),
		"JSON, but not HaloPSA's":   info(200, func(a *AuthInfo) { a.JSON = true }),
		"/api/authinfo: status 200": info(200, func(*AuthInfo) {}),
	} {
		if v := judgeIdentification(face); !strings.Contains(v.Because, says) {
			t.Errorf("%q, want %q in it", v.Because, says)
		}
	}
}

func TestJudgeTenancy(t *testing.T) {
	for name, c := range map[string]struct {
		tenancy TenantSetting
		status  probes.Status
		cause   probes.Cause
	}{
		"not mentioned":                    {TenantSetting{Named: "acme"}, probes.NotApplicable, ""},
		"not mentioned, none named":        {TenantSetting{}, probes.NotApplicable, ""},
		"the one named":                    {TenantSetting{WasTyped: true, Typed: " ACME ", Named: "acme"}, probes.Passed, probes.OK},
		"another one":                      {TenantSetting{WasTyped: true, Typed: "acme-ltd", Named: "acme"}, probes.Failed, probes.TenantUnknown},
		"not set, none named":              {TenantSetting{WasTyped: true, Typed: "not SET "}, probes.Passed, probes.OK},
		"empty, none named":                {TenantSetting{WasTyped: true}, probes.Passed, probes.OK},
		"empty, hosted":                    {TenantSetting{WasTyped: true, Named: "acme", Hosting: probes.Hosted}, probes.Failed, probes.TenantMissing},
		"not set, works without":           {TenantSetting{WasTyped: true, Typed: "Not set", Named: "acme", Without: &Answer{Status: 400, JSON: true}, With: &Answer{Status: 400, JSON: true}}, probes.Passed, probes.OK},
		"not set, needed":                  {TenantSetting{WasTyped: true, Typed: "Not set", Named: "acme", Without: &Answer{Status: 500, JSON: false}, With: &Answer{Status: 400, JSON: true}}, probes.Failed, probes.TenantMissing},
		"not set, needed, refused as 400":  {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 400, JSON: false}, With: &Answer{Status: 400, JSON: true}}, probes.Failed, probes.TenantMissing},
		"empty, none named, hosted":        {TenantSetting{WasTyped: true, Hosting: probes.Hosted}, probes.Passed, probes.OK},
		"another one, hosted":              {TenantSetting{WasTyped: true, Typed: "acme-ltd", Named: "acme", Hosting: probes.Hosted}, probes.Failed, probes.TenantUnknown},
		"not set, nobody could ask":        {TenantSetting{WasTyped: true, Named: "acme"}, probes.Unknown, probes.NotObserved},
		"not set, asked with it alone":     {TenantSetting{WasTyped: true, Named: "acme", With: &Answer{Status: 400, JSON: true}}, probes.Unknown, probes.NotObserved},
		"not set, asked without it alone":  {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 500, JSON: false}}, probes.Unknown, probes.NotObserved},
		"not set, works, later without":    {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 400, JSON: true, OAuth: true}, With: &Answer{Status: 503}}, probes.Passed, probes.OK},
		"not set, works, none with it":     {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 400, JSON: true, OAuth: true}}, probes.Passed, probes.OK},
		"not set, other JSON without":      {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 400, JSON: true}, With: &Answer{Status: 400, JSON: true, OAuth: true}}, probes.Failed, probes.TenantMissing},
		"not set, 404 without, 401 with":   {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 404}, With: &Answer{Status: 401, OAuth: true}}, probes.Failed, probes.TenantMissing},
		"not set, no endpoint either way":  {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 404, JSON: true}, With: &Answer{Status: 404, JSON: true}}, probes.Unknown, probes.NotObserved},
		"not set, both are pages":          {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 400}, With: &Answer{Status: 400}}, probes.Unknown, probes.NotObserved},
		"not set, too many without":        {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 429}, With: &Answer{Status: 400, JSON: true, OAuth: true}}, probes.Unknown, probes.RateLimited},
		"not set, a gateway without":       {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 502}, With: &Answer{Status: 400, JSON: true, OAuth: true}}, probes.Unknown, probes.ServerError},
		"not set, too slow without":        {TenantSetting{WasTyped: true, Named: "acme", Without: &Answer{Status: 408}, With: &Answer{Status: 400, JSON: true, OAuth: true}}, probes.Unknown, probes.Timeout},
		"one typed, none named":            {TenantSetting{WasTyped: true, Typed: "acme", Hosting: probes.OnPremise}, probes.Unknown, probes.NotObserved},
		"one typed, unknown there":         {TenantSetting{WasTyped: true, Typed: "acme", Hosting: probes.OnPremise, With: &Answer{Status: 500}, Without: &Answer{Status: 400, OAuth: true}}, probes.Failed, probes.TenantNotWanted},
		"one typed, unknown there, hosted": {TenantSetting{WasTyped: true, Typed: "acme", Hosting: probes.Hosted, With: &Answer{Status: 500}, Without: &Answer{Status: 400, OAuth: true}}, probes.Failed, probes.TenantUnknown},
		"one typed, and it works":          {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 400, OAuth: true}, Granted: true}, probes.Passed, probes.OK},
		"one typed, no login":              {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 400, OAuth: true}, Without: &Answer{Status: 400, OAuth: true}}, probes.Unknown, probes.NotObserved},
		"one typed, too many requests":     {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 429}, Without: &Answer{Status: 400, OAuth: true}}, probes.Unknown, probes.RateLimited},
		"one typed, a gateway is broken":   {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 502}, Without: &Answer{Status: 400, OAuth: true}}, probes.Unknown, probes.ServerError},
		"one typed, too slow":              {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 408}, Without: &Answer{Status: 400, OAuth: true}}, probes.Unknown, probes.Timeout},
		"one typed, asked with it alone":   {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 500}}, probes.Unknown, probes.NotObserved},
		"one typed, nobody could ask":      {TenantSetting{WasTyped: true, Typed: "acme", Without: &Answer{Status: 400, OAuth: true}}, probes.Unknown, probes.NotObserved},
		"one typed, no OAuth either way":   {TenantSetting{WasTyped: true, Typed: "acme", With: &Answer{Status: 404}, Without: &Answer{Status: 404}}, probes.Unknown, probes.NotObserved},
		"one typed, none named, hosted":    {TenantSetting{WasTyped: true, Typed: "acme", Hosting: probes.Hosted}, probes.Unknown, probes.NotObserved},
	} {
		if c.tenancy.NoneWords == "" {
			c.tenancy.NoneWords = "Not set"
		}
		if v := judgeTenantSetting(c.tenancy); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
	}
}

func TestNoTenantToJudge(t *testing.T) {
	for named, says := range map[string]string{"": "the instance names none", "acme": `the instance names "acme"`} {
		if v := judgeTenantSetting(TenantSetting{Named: named}); !strings.Contains(v.Because, says) {
			t.Errorf("%q: %s", named, v.Because)
		}
	}
}

// What can be kept of foreign fields is few and short, and an address is one that can be asked.
func TestReadAuthInfo(t *testing.T) {
	for body, want := range map[string]string{
		`{"auth_url":"https://h/auth"}`: "https://h/auth", `{"auth_url":"/auth"}`: "", `{"auth_url":"https://[h"}`: "", `{"auth_url":7}`: "",
	} {
		if a := ReadAuthInfo([]byte(body)); a.AuthURL != want || !a.JSON {
			t.Errorf("%s: %q, JSON %t", body, a.AuthURL, a.JSON)
		}
	}
	if a := ReadAuthInfo([]byte("<html>")); a.JSON {
		t.Error("a web page counts as JSON")
	}
	if a := ReadAuthInfo([]byte(`{"` + strings.Repeat("a", 59) + `":1,"` + strings.Repeat("b", 60) + `":1}`)); len(a.Fields) != 1 || a.Fields[0][0] != 'a' {
		t.Errorf("%q", a.Fields)
	}
	many := map[string]int{}
	for i := range 41 {
		many[fmt.Sprint("field", i)] = i
	}
	body, err := json.Marshal(many)
	if a := ReadAuthInfo(body); err != nil || len(a.Fields) != 40 {
		t.Errorf("%d fields are kept: %v", len(a.Fields), err)
	}
}

func TestNoTenantInWords(t *testing.T) {
	for body, want := range map[string]string{
		`{"auth_url":"https://h/auth","tenant_id":"acme"}`:      "acme",
		`{"auth_url":"https://h/auth","tenant_id":" not SET "}`: "",
		`{"auth_url":"https://h/auth","tenant_id":null}`:        "",
		`{"auth_url":"https://h/auth","tenant_id":42}`:          "42",
		`{"auth_url":"https://h/auth"}`:                         "",
	} {
		var a AuthInfo
		if a.read([]byte(body)); a.Tenant != want {
			t.Errorf("%s: the tenant %q, want %q", body, a.Tenant, want)
		}
	}
}

func TestTheTenantToSend(t *testing.T) {
	for _, c := range []struct {
		tenancy TenantSetting
		want    string
	}{
		{TenantSetting{Named: "acme"}, "acme"},
		{TenantSetting{WasTyped: true, Typed: " Other ", Named: "acme"}, "Other"},
		{TenantSetting{WasTyped: true, Typed: "Not set", NoneWords: "Not set", Named: "acme"}, ""},
		{TenantSetting{WasTyped: true, Named: "acme"}, ""},
	} {
		if got := c.tenancy.Use(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.tenancy, got, c.want)
		}
	}
}

func TestJudgeRunning(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	fresh := []Release{{Version: "2.218.4", Seen: "2026-10-01", Source: "a test"}}
	stale := []Release{{Version: "2.174.94", Seen: "2025-03-31", Source: "a test"}}
	for name, c := range map[string]struct {
		running Running
		status  probes.Status
		cause   probes.Cause
	}{
		"hosted":                   {Running{App: "2.100.1", Hosting: probes.Hosted}, probes.NotApplicable, ""},
		"hidden":                   {Running{}, probes.Unknown, probes.VersionHidden},
		"not a version":            {Running{App: "latest"}, probes.Unknown, probes.VersionHidden},
		"not asked for":            {Running{App: "2.174.93", Unasked: true}, probes.NotApplicable, ""},
		"stable train, too old":    {Running{App: "2.174.93"}, probes.Failed, probes.BelowSecurityFloor},
		"stable train, fixed":      {Running{App: "2.174.94", Table: stale}, probes.Unknown, probes.StableUnknown},
		"between the trains":       {Running{App: "2.176.5"}, probes.Failed, probes.BelowSecurityFloor},
		"candidate, too old":       {Running{App: "v2.184.22"}, probes.Failed, probes.BelowSecurityFloor},
		"candidate, fixed":         {Running{App: "v2.184.23", Table: stale}, probes.Unknown, probes.StableUnknown},
		"beta, too old":            {Running{App: "2.186.1"}, probes.Failed, probes.BelowSecurityFloor},
		"beta, fixed":              {Running{App: "2.186.2"}, probes.Unknown, probes.StableUnknown},
		"ancient, higher as text":  {Running{App: "2.96.9"}, probes.Failed, probes.BelowSecurityFloor},
		"the one given":            {Running{App: "2.220.10", Stable: "2.220.10"}, probes.Passed, probes.OK},
		"newer than given":         {Running{App: "2.222.0 Beta", Stable: "2.220.10"}, probes.Passed, probes.OK},
		"older than given":         {Running{App: "2.220.9", Stable: "2.220.10"}, probes.Failed, probes.NotLatestStable},
		"a fresh table":            {Running{App: "2.218.4", Table: fresh, Now: now}, probes.Passed, probes.OK},
		"older than the table":     {Running{App: "2.212.7", Table: fresh, Now: now}, probes.Failed, probes.NotLatestStable},
		"a table too old":          {Running{App: "2.218.4", Table: fresh, Now: now.AddDate(0, 1, 8)}, probes.Unknown, probes.StableUnknown},
		"the newest without a day": {Running{App: "2.218.4", Table: []Release{{Version: "2.220", Seen: "soon"}, fresh[0]}}, probes.Passed, probes.OK},
		"a beta is newer":          {Running{App: "2.218.4", Table: []Release{{Version: "2.220", Channel: "beta", Seen: "2026-11-01"}, fresh[0]}}, probes.Passed, probes.OK},
		"a beta alone is known":    {Running{App: "2.218.4", Table: []Release{{Version: "2.218", Channel: "beta", Seen: "2026-11-01"}}}, probes.Unknown, probes.StableUnknown},
		"too many requests":        {Running{Tried: []string{"/api/Control"}, Cause: probes.RateLimited}, probes.Unknown, probes.RateLimited},
		"told, after a refusal":    {Running{App: "2.218.4", Cause: probes.RateLimited, Stable: "2.218.4"}, probes.Passed, probes.OK},
		"ninety days to the hour":  {Running{App: "2.218.4", Table: fresh, Now: time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC)}, probes.Unknown, probes.StableUnknown},
		"a second less":            {Running{App: "2.218.4", Table: fresh, Now: time.Date(2026, 12, 29, 23, 59, 59, 0, time.UTC)}, probes.Passed, probes.OK},
		"no day in the table":      {Running{App: "2.218.4", Table: []Release{{Version: "2.218.4", Seen: "soon"}}}, probes.Unknown, probes.StableUnknown},
		"given, but no version":    {Running{App: "2.218.4", Stable: "latest"}, probes.Unknown, probes.StableUnknown},
		"hosted, and hidden":       {Running{Hosting: probes.Hosted}, probes.NotApplicable, ""},
		"the floor comes first":    {Running{App: "2.174.10", Stable: "2.174.10"}, probes.Failed, probes.BelowSecurityFloor},
	} {
		if c.running.Now.IsZero() {
			c.running.Now = now
		}
		if v := judgeRunning(c.running); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
	}
}

func TestRunningInWords(t *testing.T) {
	for says, r := range map[string]Running{
		"upgrades this instance; this instance runs 2.218.4": {App: "2.218.4", Hosting: probes.Hosted},
		"halocheck knows no stable version":                  {App: "2.218.4"},
		"2.174.94, is of 2025-03-31":                         {App: "2.218.4", Table: []Release{{Version: "2.174.94", Seen: "2025-03-31"}}, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)},
	} {
		if v := judgeRunning(r); !strings.Contains(v.Because, says) {
			t.Errorf("%q, want %q in it", v.Because, says)
		}
	}
	trains := []Release{
		{Version: "2.252", Channel: "beta", Patched: "2026-10-03"}, {Version: "2.250", Channel: "stable", Seen: "2026-10-04", Patched: "2026-09-28", Source: "a ladder"},
		{Version: "2.236", Channel: "stable", Patched: "2026-10-02"}, {Version: "2.220", Channel: "stable", Patched: "2026-06-08"},
		{Version: "2.208", Channel: "stable"}, {Version: "latest", Channel: "stable", Patched: "2026-01-01"},
	}
	const latest = "; the latest stable version is 2.250 (seen on 2026-10-04 in a ladder)"
	for app, want := range map[string]string{
		"2.250.1":   latest,
		"2.249.9":   latest,
		"2.236.133": latest + "; 2.236 is the stable train before it, patched on 2026-10-02",
		"2.220.7":   latest + "; 2.220 is an earlier stable train, patched on 2026-06-08",
		"2.208.1":   latest,
	} {
		r := Running{App: app, Table: trains, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		if v := judgeRunning(r); !strings.HasSuffix(v.Because, app+want) {
			t.Errorf("%s: %s", app, v.Because)
		}
	}
	if v := judgeRunning(Running{Hosting: probes.Hosted}); strings.Contains(v.Because, "it runs") {
		t.Error(v.Because)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"v2.126.32": "2.126.32", "2.208": "2.208.0", "2.208.1 Beta": "2.208.1", "2.109.90": "2.109.90", " 2.1. ": "2.1.0", "2": "", "Beta 2.1": "", "": "",
	} {
		v, err := Parse(text)
		if got := ""; err == nil {
			got = v.String()
			if got != want {
				t.Errorf("%q: %s, want %q", text, got, want)
			}
		} else if want != got {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReadRunning(t *testing.T) {
	for body, want := range map[string]string{
		`{"app_version":"2.212.7"}`:         "2.212.7",
		"\ufeff{\"app_version\":\"2.1.0\"}": "2.1.0",
		`{"app_version":null}`:              "",
		`<html>`:                            "",
	} {
		var r Running
		if r.Read(wire.Page{Status: 200, Body: []byte(body)}, "a test"); r.App != want || (r.From == "a test") != (want != "") {
			t.Errorf("%q: %q from %q, want %q", body, r.App, r.From, want)
		}
	}
	for body, want := range map[string]string{
		`{"app_version":"2.236.133","database_version":"2236"}`: "2236", `{"app_version":"2.236.133","database_version":20261004}`: "20261004",
		`{"app_version":"2.236.133","database_version":null}`: "", `{"app_version":2.22,"database_version":"2236"}`: "",
	} {
		var r Running
		if r.Read(wire.Page{Status: 200, Body: []byte(body)}, "a test"); r.Database != want {
			t.Errorf("%s: the database %q, want %q", body, r.Database, want)
		}
	}
	var refused Running
	if refused.Read(wire.Page{Status: 403, Body: []byte(`{"app_version":"2.212.7"}`)}, "a test"); refused.App != "" {
		t.Errorf("an answer that is refused tells %q", refused.App)
	}
}

func TestTheEmbeddedTable(t *testing.T) {
	for _, release := range StableReleases() {
		if _, err := Parse(release.Version); err != nil {
			t.Error(err)
		}
		if _, err := time.Parse(time.DateOnly, release.Seen); err != nil || release.Source == "" {
			t.Errorf("%+v: a day and a source are needed: %v", release, err)
		}
	}
}

// FuzzAuthInfo reads what anybody may answer: an address is one that can be asked and holds no password, few short names are
// kept, and the version is one or is not.
func FuzzAuthInfo(f *testing.F) {
	for _, seed := range []string{
		`{"auth_url":"https://acme.halopsa.com/auth","tenant_id":"acme","app_version":"2.190.1"}`, "\ufeff{}", `{"auth_url":"//a:b@c","tenant_id":1e400}`, `{"auth_url":"https://u:pa55@x/"}`,
		`{"auth_url":"https://[::1%25e]/","tenant_id":" NOT SET "}`, `{"auth_url":["x"],"app_version":"99999999999999999999.1"}`, `[]`, ``, `{"a":{"auth_url":"https://x"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := ReadAuthInfo(body)
		u, err := url.Parse(a.AuthURL)
		if err != nil || a.AuthURL != "" && u.Host == "" {
			t.Errorf("%q is taken for an address", a.AuthURL)
		}
		if password, given := u.User.Password(); given && password != "xxxxx" {
			t.Errorf("a password is kept: %s", a.AuthURL)
		}
		if len(a.Fields) > 40 || !a.JSON && (a.AuthURL != "" || a.Tenant != "" || len(a.Fields) > 0) {
			t.Errorf("%+v", a)
		}
		if strings.EqualFold(a.Tenant, notSet) {
			t.Error("nothing is taken for a tenant")
		}
		r := Running{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Hosting: probes.OnPremise}
		r.Read(wire.Page{Status: 200, Body: body}, "/InstanceInfo")
		if v := judgeRunning(r); v.Status == probes.Passed {
			t.Errorf("%+v comes to %+v, with no stable version known", r, v)
		}
	})
}
