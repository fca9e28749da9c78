package contract

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// rewritten serves what the client asked for in the healthy run with other values in it.
func rewritten(value func(name string, was any, n int) (any, bool)) func(*played) ([]fakehalo.Injection, error) {
	return func(p *played) ([]fakehalo.Injection, error) {
		bearer, err := p.token()
		if err != nil {
			return nil, err
		}
		var out []fakehalo.Injection
		seen := map[string]bool{}
		for _, r := range p.suite.base {
			operation := operationOf(r)
			if r.Operation != "api" || r.Method != http.MethodGet || seen[operation] || operation == "" {
				continue
			}
			seen[operation] = true
			body, err := p.ask(bearer, r.Path+"?"+r.Query)
			if err != nil {
				return nil, err
			}
			d := json.NewDecoder(strings.NewReader(body))
			d.UseNumber()
			var parsed any
			if d.Decode(&parsed) != nil {
				continue // it was refused
			}
			count := 0
			raw, err := json.Marshal(rewrite(parsed, value, &count))
			if err != nil {
				return nil, err
			}
			changed := fakehalo.Injection{Operation: operation, Status: http.StatusOK, Body: string(raw)}
			if r.Of > 0 {
				changed.First = 1 // the pages after it are the instance's own
			}
			out = append(out, changed)
		}
		return out, nil
	}
}

// token asks for one as the integration does.
func (p *played) token() (string, error) {
	c := p.server.Credentials
	resp, err := p.server.Client().PostForm(c.AuthURL+"token?tenant="+url.QueryEscape(c.Tenant), url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {"all"},
	})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return "", fmt.Errorf("the fake gives no token: %w", err)
	}
	return body.Token, nil
}

func (p *played) ask(bearer, path string) (string, error) {
	r, err := http.NewRequest(http.MethodGet, p.server.URL+path, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	resp, err := p.server.Client().Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return string(raw), err
}

// rewrite changes the fields of records; the envelope of a list, ids and names stay. A field for which value gives false is
// left out.
func rewrite(in any, value func(string, any, int) (any, bool), count *int) any {
	switch x := in.(type) {
	case []any:
		for n := range x {
			x[n] = rewrite(x[n], value, count)
		}
	case map[string]any:
		_, envelope := x["record_count"]
		for _, name := range slices.Sorted(maps.Keys(x)) {
			was := x[name]
			if rows, list := was.([]any); list && (envelope || len(x) == 1) {
				x[name] = rewrite(rows, value, count)
				continue
			}
			if envelope || name == "id" || strings.HasSuffix(name, "_id") || name == "name" || name == "summary" {
				continue
			}
			*count++
			if now, kept := value(name, was, *count); kept {
				x[name] = now
			} else {
				delete(x, name)
			}
		}
	}
	return in
}

// dates are the forms that live instances were seen to write (wire-contract §2.10): no zone, any fraction, two sentinels.
var dates = []string{
	"2026-05-13T18:01:50.3", "2026-05-13T18:01:50", "2026-05-13T18:01:50.1234567", "1900-01-01T00:00:00", "1899-12-30T00:00:00", "2026-05-13T18:01:50.347",
}

func otherDates(_ string, was any, n int) (any, bool) {
	if text, ok := was.(string); ok && len(text) >= len(time.DateTime) {
		if _, err := time.Parse("2006-01-02T15:04:05", text[:len(time.DateTime)]); err == nil {
			return dates[n%len(dates)], true
		}
	}
	return was, true
}

// nulls and absent rest on halo-api §11 ("nulls/absent fields common"; booleans are real) and halo-live §5 (null fields are left
// out of rows).
func nulls(_ string, was any, _ int) (any, bool) {
	if on, ok := was.(bool); ok {
		return on, true
	}
	return nil, true
}

func absent(string, any, int) (any, bool) { return nil, false }
