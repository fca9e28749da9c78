package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/halocheck/halocheck/internal/settings"
)

// TestWriteInventory: what is written is read as the same entries, whatever defaults and groups said.
func TestWriteInventory(t *testing.T) {
	text := `defaults: {timeout: 30s, labels: {desk: north}}
groups:
  eu: {tenant: "{name}", client-secret: "env:ACME_SECRET", client-id: "0e"}
instances:
  - {name: acme, url: https://acme.halopsa.com, groups: [eu], stable: 2.190, attest: ["network.allowlist=read: 'all' # of it", "login.mfa=- yes"]}
  - {name: "007", url: https://b.halopsa.com, tenant: "true", team: ["null", "~"], client-id: y, client-secret: "file:/a b/{name}", admin-client-id: z, admin-secret: "keyring:adm"}
  - {name: c, url: https://c.halopsa.com, labels: {desk: "*", size: "1e3", none: ""}}
`
	before, err := Parse(t.Context(), settings.All, "/x/a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	written, err := WriteInventory(before.Instances)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Parse(t.Context(), settings.All, "/y/b.yaml", written)
	if err != nil {
		t.Fatalf("%v in\n%s", err, written)
	}
	places := []cmp.Option{cmpopts.IgnoreFields(Instance{}, "File", "Line"), cmpopts.IgnoreFields(Setting{}, "Line"), cmpopts.IgnoreFields(Reference{}, "Line")}
	if diff := cmp.Diff(before.Instances, after.Instances, places...); diff != "" {
		t.Errorf("%s\n%s", diff, written)
	}
	for n, i := range before.Instances {
		if i.Digest() != after.Instances[n].Digest() {
			t.Errorf("%s has another digest", i.Name)
		}
	}
}

// TestLimits: a rate that is taken over goes on where it was.
func TestLimits(t *testing.T) {
	l := NewLimits(Rate{300, 5 * time.Minute})
	if most := l.Most(); most != 5*time.Minute {
		t.Errorf("%s at most", most)
	}
	l.Start("a", 2*time.Minute)
	if full := l.Full("a"); full > 2*time.Minute || full < 110*time.Second {
		t.Errorf("full in %s", full)
	}
	if full := l.Full("b"); full != 0 {
		t.Errorf("a fresh host is full in %s", full)
	}
	none := NewLimits(Rate{})
	none.Start("a", time.Minute)
	if none.Full("a") != 0 || none.Most() != 0 {
		t.Error("without a rate there is nothing to wait for")
	}
}
