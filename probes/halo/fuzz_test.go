package halo

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
)

// FuzzTokenReply reads what a token endpoint may answer: foreign text stays short, and repeats no secret.
func FuzzTokenReply(f *testing.F) {
	const canary = "canary-0123456789-secret"
	for _, seed := range []string{
		`{"access_token":"a","token_type":"Bearer","expires_in":3600,"scope":"read:customers edit:items"}`,
		`{"error":"invalid_client","error_description":"The specified client credentials are invalid."}`,
		`{"error":"invalid_request","error_description":"` + canary + `"}`,
		`{"error":"` + base64.StdEncoding.EncodeToString([]byte("id:"+canary)) + `","scope":"` + canary + `"}`,
		"\ufeff" + `{"expires_in":"3600","scope":null}`, `{"expires_in":1e300}`, `[]`, ``, `{"error":{"a":1}}`,
		`{"error_description":"` + strings.Repeat("é", 400) + `"}`,
	} {
		f.Add([]byte(seed))
	}
	hidden := secret.NewRedactor(secret.New(canary))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := readReply(wire.Page{Body: body}, hidden)
		for _, text := range []string{r.Error, r.Description, r.TokenType} {
			if len(text) > wire.MaxText || !utf8.ValidString(text) {
				t.Errorf("%d bytes are kept: %q", len(text), text)
			}
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if hidden.Contains(string(raw)) {
			t.Errorf("the secret is kept: %s", raw)
		}
	})
}

// FuzzAgent reads what /Agent/me and /Roles may answer: whatever can be read survives a report.
func FuzzAgent(f *testing.F) {
	for _, seed := range []string{
		`{"id":7,"name":"MSPCentric","isapiagent":true,"isdisabled":"false","team":null,"teams":[{"team_id":1,"team_name":"Desk"}],
			"claims":[{"type":"Ux","value":"2"},{"type":"l6","value":1}],"roles":[{"id":"a-b","name":"API","claims":[]}]}`,
		`{"agent":{"id":"7"}}`, `[{"id":1.5e3}]`, `[[]]`, `null`, ``, `{"id":0,"name":""}`, `{"roles":{"id":1}}`, "\ufeff{}", `{"claims":[1,null,{"value":[]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = DecodeRole(body)
		agent, err := DecodeAgent(body)
		if err != nil || agent == nil {
			return
		}
		raw, err := json.Marshal(agent)
		if err != nil {
			t.Fatal(err)
		}
		var again Agent
		if err := json.Unmarshal(raw, &again); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		once, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(raw), string(once)); diff != "" {
			t.Error(diff)
		}
		grants := EffectiveClaims{{Name: "the agent", Claims: agent.Claims}}
		for _, claim := range agent.Claims {
			if value, from, ok := grants.Highest(claim.Code()); ok && from != "the agent" {
				t.Errorf("%q grants %d", from, value)
			}
			_ = grants.AbsenceMeansNo(claim.Code())
		}
	})
}

// FuzzRows reads the envelopes of lists: there are never fewer rows than can be seen.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[1,2]`, `{"record_count":5,"clients":[{"id":1}]}`, `{"clients":[],"record_count":-1}`, `{"a":1,"b":[3]}`, `{"clients":null,"tickets":[{}]}`,
		``, `{`, `{"a"`, `null`, "\ufeff[]", `{"record_count":1e99,"clients":[1]}`,
	} {
		f.Add([]byte(seed), "clients")
	}
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		rows := Rows(body, key)
		came, total, ok := Count(body, key)
		if (rows == nil) == ok || came != len(rows) || total < came {
			t.Fatalf("%d rows, of them %d of %d came, %t", len(rows), came, total, ok)
		}
		for _, row := range rows {
			if !json.Valid(row) {
				t.Errorf("a row is %q", row)
			}
		}
	})
}
