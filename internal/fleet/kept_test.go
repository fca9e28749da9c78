package fleet

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/internal/report"
)

// TestKeptIsAllThatAResultNeeds makes the same result of a report with all evidence and with what is kept of it.
func TestKeptIsAllThatAResultNeeds(t *testing.T) {
	chain := func(host string) json.RawMessage {
		return json.RawMessage(`{"host":"` + host + `","port":"443","sent":[{"not_after":"2027-01-02T03:04:05Z"}]}`)
	}
	r := &report.Report{Evidence: map[string]json.RawMessage{
		"trust.chain": chain("acme.example"), "trust.chain@auth": chain("auth.example"), "trust.handshake": chain("acme.example"), "login.token": json.RawMessage(`{}`),
	}}
	want := ResultOf(Instance{Name: "acme"}, r)
	if len(want.Certificates) != 2 {
		t.Fatalf("%+v", want.Certificates)
	}
	maps.DeleteFunc(r.Evidence, func(probe string, _ json.RawMessage) bool { return !Kept(probe) })
	if len(r.Evidence) != 2 {
		t.Errorf("kept %d pieces of evidence, want 2", len(r.Evidence))
	}
	if diff := cmp.Diff(want, ResultOf(Instance{Name: "acme"}, r)); diff != "" {
		t.Error(diff)
	}
}
