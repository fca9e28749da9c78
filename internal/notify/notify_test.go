package notify

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/probes"
)

func TestMain(m *testing.M) { pause = time.Millisecond; os.Exit(goroutines.Watch(m).Run()) }

func report(findings ...probes.Finding) *probes.Report {
	r := &probes.Report{Target: probes.ReportTarget{URL: "https://acme.halopsa.com"}, Findings: findings}
	r.Sum()
	return r
}

func must(id string, status probes.Status, cause probes.Cause) probes.Finding {
	return probes.Finding{ID: id, Level: probes.Must, Status: status, Cause: cause, Because: "seen"}
}

// TestNotices: what changed comes first, the worst before the rest, and the document is of the schema.
func TestNotices(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(SchemaFile))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("notice", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("notice")
	if err != nil {
		t.Fatal(err)
	}
	first := report(must("trust.chain", probes.Failed, probes.MissingIntermediate), must("login.token", probes.Passed, probes.OK), must("agent.teams", probes.Blocked, ""))
	last := report(must("trust.chain", probes.Passed, probes.OK), must("login.token", probes.Failed, probes.InvalidClient), must("agent.teams", probes.Passed, probes.OK))
	sums := summary.New(2, nil)
	sum := sums.Summary(summary.Run{Version: "1", Shard: fleet.Unsharded})
	sum.Changes = &fleet.Changes{New: []fleet.Change{{Name: "acme", ID: "trust.chain", Cause: probes.Expired}}, Fixed: []fleet.Change{{Name: "other", ID: "login.token", Was: probes.InvalidClient}}}
	for name, x := range map[string]struct {
		notice Notice
		kinds  []string
		text   string
	}{
		"watch": {OfWatch(first, last), []string{"broken", "fixed"}, "broken: login.token; fixed: trust.chain; https://acme.halopsa.com is not-conformant"},
		"fleet": {OfFleet("customers.yaml", sum), []string{"broken", "fixed"}, "broken: acme trust.chain; fixed: other login.token; 0 of 2 instances are conformant"},
	} {
		var kinds []string
		for _, c := range x.notice.Changes {
			kinds = append(kinds, c.Kind)
		}
		if !slices.Equal(kinds, x.kinds) || x.notice.Text != x.text {
			t.Errorf("%s: %v, %s", name, kinds, x.notice.Text)
		}
		raw, err := json.Marshal(x.notice)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(string(raw), `{"schema":"halocheck.notice/v1","changes":[{"kind":"broken"`) {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

// TestSend tries three times, follows no redirect, and names the host alone.
func TestSend(t *testing.T) {
	tries, fails := 0, 2
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries++
		body, _ = io.ReadAll(r.Body)
		if tries <= fails {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	defer server.Close()
	if err := Send(t.Context(), server.URL+"/hook-secret", Notice{Schema: Schema}); err != nil || tries != 3 || !json.Valid(body) {
		t.Errorf("%d tries, %v: %s", tries, err, body)
	}
	tries, fails = 0, 9
	err := Send(t.Context(), server.URL+"/hook-secret", Notice{Schema: Schema})
	if err == nil || tries != 3 || strings.Contains(err.Error(), "hook-secret") || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%d tries, %v", tries, err)
	}
}
