package contract_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/contract"
)

// TestTheCarefulClient keeps every rule.
func TestTheCarefulClient(t *testing.T) {
	t.Parallel()
	contract.Run(t, careless{}.client, contract.Classify(classOf))
}

// TestEachCarelessnessIsFound: every one by its own rule, in these cases, with words that say what was seen.
func TestEachCarelessnessIsFound(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		careless
		rule, cases, says string
	}{
		"trusts anybody":        {careless{trustsAnybody: true}, "secret-unproven", "self-signed untrusted-root expired wrong-name self-signed@auth", "It sent the Client Secret to a server that did not prove its name (the certificate is signed by itself)"},
		"follows redirects":     {careless{followsRedirects: true}, "secret-redirect", "token-307 token-308 api-302", "It sent the Client Secret to the host that a redirect names (the token endpoint answers 307 to another host)"},
		"writes":                {careless{writes: true}, "read-only", "healthy forbidden unavailable", "It sent POST /api/Tickets, which nobody asked for (a healthy instance)"},
		"ignores Retry-After":   {careless{ignoresRetryAfter: true}, "retry-after", "seconds date at-token", "It was told to wait for 2s, and asked again after "},
		"keeps the old token":   {careless{keepsOldToken: true}, "new-token", "first-401", "It went on without a new token (the first call is answered 401)"},
		"takes token on token":  {careless{newTokenForever: true}, "new-token", "every-401", "new tokens, and each was refused (the API answers 401 to everything)"},
		"never gives up":        {careless{retriesForever: true}, "no-endless-retry", "unavailable token-unavailable limited cut-off", "It sent GET /api/Tickets more than 10 times in vain, and would have gone on (the API answers 503 to everything)"},
		"knows one class":       {careless{oneClass: true}, "error-class", "expired wrong-secret wrong-client-id forbidden", "It calls this transient; it is configuration: somebody has to change a setting."},
		"tells the secret":      {careless{tellsSecret: true}, "error-text", "expired wrong-secret unavailable token-unavailable", "Its error holds the Client Secret (the certificate ended two days ago)"},
		"takes anything":        {careless{takesAnything: true}, "whole-answers", "truncated garbage web-page", "It says that its job is done (answers of the API break off half-way)"},
		"reads one page":        {careless{onePage: true}, "paging", "260-rows capped", "It read 100 of "},
		"does not page":         {careless{noPageinate: true}, "paging", "260-rows capped", "rows of GET /api/Tickets, which pages only with pageinate=true (lists have 260 rows)"},
		"trusts its page size":  {careless{trustsPageSize: true}, "paging", "260-rows capped", ""},
		"knows one date":        {careless{strictDates: true}, "fields", "dates", "It did not do its job: parsing time"},
		"needs every field":     {careless{needsFields: true}, "fields", "nulls absent", "It did not do its job: a ticket has no impact (fields of rows are null)"},
		"cannot do without one": {careless{needsTenant: true}, "dialects", "authinfo-tenant=absent", "It did not do its job: there is no tenant (dialect authinfo-tenant=absent:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verdicts, err := contract.Verdicts(t.Context(), row.client, contract.Classify(classOf), contract.Only(row.rule))
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			says := ""
			for _, v := range verdicts {
				switch {
				case v.Rule != row.rule && v.Status != "pass":
					t.Errorf("%s/%s: %s", v.Rule, v.Case, v)
				case v.Status == "fail" && v.Do == "":
					t.Errorf("%s/%s says nothing to do", v.Rule, v.Case)
				case v.Status == "fail":
					found = append(found, v.Case)
					says += v.Says + "\n"
				}
			}
			if got := strings.Join(found, " "); got != row.cases {
				t.Errorf("found in %q, not in %q", got, row.cases)
			}
			if !strings.Contains(says, row.says) {
				t.Errorf("%s\ndoes not say %q", says, row.says)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		opts []contract.Option
		says string
	}{
		"a rule that is none":        {[]contract.Option{contract.Only("retry")}, `there is no rule "retry"; the rules are job, read-only, secret-unproven, error-class, error-text, secret-redirect, no-endless-retry, retry-after, new-token, whole-answers, paging, fields, dialects`},
		"an exception that is none":  {[]contract.Option{contract.Except("dialects/x=y", "why")}, `there is no rule or case "dialects/x=y"`},
		"an exception without a why": {[]contract.Option{contract.Except("paging", " ")}, `an exception says why: Except("paging", "…")`},
	} {
		if _, err := contract.Verdicts(t.Context(), careless{}.client, row.opts...); err == nil || err.Error() != row.says {
			t.Errorf("%s: %v", name, err)
		}
	}
	verdicts, err := contract.Verdicts(t.Context(), careless{writes: true, onePage: true}.client, contract.Only("read-only", "paging", "error-class"),
		contract.Writes("POST /api/Tickets"), contract.Except("paging/capped", "one page is all it shows"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range verdicts {
		got[v.Rule+"/"+v.Case] = v.Status
	}
	for name, want := range map[string]string{"read-only/healthy": "pass", "paging/260-rows": "fail", "paging/capped": "skip", "error-class/wrong-secret": "skip"} {
		if got[name] != want {
			t.Errorf("%s: %s, not %s", name, got[name], want)
		}
	}
}

// TestForTheTable writes what both versions of the client come to, for `make clients`.
func TestForTheTable(t *testing.T) {
	folder := os.Getenv("HALOCHECK_CLIENTS")
	if folder == "" {
		t.Skip("make clients runs it")
	}
	everything := careless{
		trustsAnybody: true, followsRedirects: true, writes: true, ignoresRetryAfter: true, keepsOldToken: true, retriesForever: true, oneClass: true,
		tellsSecret: true, takesAnything: true, noPageinate: true, strictDates: true, needsFields: true, needsTenant: true,
	}
	for name, client := range map[string]careless{"Go, careful": {}, "Go, careless": everything} {
		r := newRunner(t, contract.Classify(classOf))
		r.prove(client.client)
		f, err := os.Create(filepath.Join(folder, name+".json"))
		if err == nil {
			err = errors.Join(r.Report().JSON(f), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAClientThatDoesNothing is told so, and nothing else is tried.
func TestAClientThatDoesNothing(t *testing.T) {
	verdicts, err := contract.Verdicts(t.Context(), func(context.Context, contract.Connection) error { return nil })
	if err != nil || len(verdicts) != 2 || verdicts[0].Says != "It says that its job is done, and asked nothing of the API (a healthy instance)" {
		t.Error(verdicts, err)
	}
}
