package fleet

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

// runLine and resultLine are lines of a results file, as text to forge.
const (
	runLine    = `{"schema":"halocheck.fleet/v1","kind":"run","version":"1","inventory":"d","shard":{"index":1,"of":1},"started":"2026-11-25T03:00:00Z","names":["acme"]}`
	resultLine = `{"schema":"halocheck.fleet/v1","kind":"result","name":"acme","labels":{"region":"emea"},"outcome":"not-conformant","exit":1,"took_ms":1,"requests":2,"root_causes":["login.token"],` +
		`"findings":[{"id":"login.token","level":"must","status":"fail","cause":"invalid_client","remedy":{"who":"halo-admin","do":"x","where":"y"},"waived":null}]}`
)

// sealed writes lines with their checksums, whatever is in them.
func sealed(t *testing.T, lines ...string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range lines {
		text, err := encodeLine(rawLine(line))
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	file := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

type rawLine string

func (r rawLine) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// TestForgedLinesAreRefused: the checksum of a line says that it is whole, not who wrote it.
func TestForgedLinesAreRefused(t *testing.T) {
	if _, err := Merge(t.Context(), []string{sealed(t, runLine, resultLine)}); err != nil {
		t.Fatal(err)
	}
	for _, forged := range []struct{ what, line, old, new string }{
		{"name of a run", runLine, `["acme"]`, `["acme\n::error::x"]`},
		{"device of a run", runLine, `["acme"]`, `["CON"]`},
		{"shard", runLine, `"of":1`, `"of":100000000`},
		{"name", resultLine, `"name":"acme"`, `"name":"../acme"`},
		{"device", resultLine, `"name":"acme"`, `"name":"nul.txt"`},
		{"label", resultLine, `"region"`, `"re\u001bgion"`},
		{"outcome", resultLine, `"not-conformant"`, `"##vso[x]"`},
		{"exit", resultLine, `"exit":1`, `"exit":99`},
		{"requests", resultLine, `"requests":2`, `"requests":-2`},
		{"id", resultLine, `"id":"login.token"`, `"id":"login.token\n# EOF"`},
		{"level", resultLine, `"must"`, `"MUST"`},
		{"status", resultLine, `"fail"`, `"fail\u202e"`},
		{"cause", resultLine, `"invalid_client"`, `"in\"} 1\nx"`},
		{"blocked_by", resultLine, `"level"`, `"blocked_by":"a b","level"`},
		{"who", resultLine, `"halo-admin"`, `"<b>"`},
		{"until", resultLine, `"waived":null`, `"waived":{"reason":"r","owner":"o","until":"\u001b[2J"}`},
		{"twice", resultLine, `"findings":[`, `"findings":[{"id":"login.token","level":"must","status":"pass"},`},
		{"many", resultLine, `"findings":[`, `"findings":[` + strings.Repeat(`{"id":"a.b","level":"must","status":"pass"},`, 2000)},
	} {
		line := strings.Replace(forged.line, forged.old, forged.new, 1)
		if line == forged.line {
			t.Fatalf("%s: nothing was forged", forged.what)
		}
		file := sealed(t, runLine, line)
		_, err := Merge(t.Context(), []string{file})
		if err == nil || !strings.HasPrefix(err.Error(), file+":2: ") || len(err.Error()) > len(file)+200 {
			t.Errorf("%s: %v", forged.what, err)
		}
	}
	raw := strings.ReplaceAll(resultLine, `"do":"x"`, "\"do\":\"x\u202e\"")
	if _, err := decodeLine([]byte(checksummed(raw)), true); err == nil || !strings.Contains(err.Error(), "as escapes") {
		t.Errorf("a raw character: %v", err)
	}
}

// checksummed is a line as it is, with its checksum.
func checksummed(line string) string {
	return fmt.Sprintf("%s%s%x%s\n", line[:len(line)-1], checksumPrefix, sha256.Sum256([]byte(line)), checksumSuffix)
}

// TestSumsAreNotBelieved: what a result comes to follows from its findings.
func TestSumsAreNotBelieved(t *testing.T) {
	forged := strings.NewReplacer(`"not-conformant"`, `"conformant"`, `"exit":1`, `"exit":0`, `["login.token"]`, `["x\n# EOF","\u001b[2J"]`).Replace(resultLine)
	m, err := Merge(t.Context(), []string{sealed(t, runLine, forged)})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Each(func(r *Result) error {
		got := fmt.Sprintf("%s %d %v %d", r.Outcome, r.Exit, r.RootCauses, r.Counts[probes.Failed])
		if diff := cmp.Diff("not-conformant 1 [login.token] 1", got); diff != "" {
			t.Error(diff)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
