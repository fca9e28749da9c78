package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/probes"
)

// must is a Must of a result that does not hold.
func must(id string, status probes.Status, cause probes.Cause, who probes.Actor) fleet.Finding {
	return fleet.Finding{ID: id, Level: probes.Must, Status: status, Cause: cause, Remedy: &probes.Remedy{Who: who}}
}

// written is the file of three results, of four instances.
func written(t *testing.T, changes *fleet.Changes) string {
	t.Helper()
	at := time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)
	ends := func(days int) fleet.Certificate { return fleet.Certificate{NotAfter: at.AddDate(0, 0, days)} }
	file, tally := New(), fleet.NewCounts(4)
	for _, r := range []*fleet.Result{
		{Name: "bolt", Started: at.Add(30 * time.Second), TookMS: 1500, Requests: 4, Outcome: probes.NotConformant, Exit: 1, RootCauses: []string{"trust.chain"},
			Certificates: []fleet.Certificate{ends(20), ends(10)},
			Findings:     []fleet.Finding{must("trust.chain", probes.Failed, "odd \"cause\"\\\n\xff", probes.NetworkAdmin)}},
		{Name: "acme", Started: at, TookMS: 900, Requests: 20, Outcome: probes.Conformant, Certificates: []fleet.Certificate{ends(90)}},
		{Name: "ended", Started: at.Add(time.Second), TookMS: 10, Outcome: probes.Incomplete, Exit: 4, RootCauses: []string{"network.resolves"},
			Findings: []fleet.Finding{must("network.resolves", probes.Broken, "", probes.Operator)}},
	} {
		file.Add(r)
		tally.Add(r)
	}
	tally.Total()
	var b bytes.Buffer
	if err := file.Write(&b, Totals{Fleet: FleetOf("/var/lib/a \"b\".prom"), Version: "v1.2.3", Shard: fleet.Shard{Index: 2, Of: 3}, Missing: 1, Counts: tally, Changes: changes}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read reads a file as Prometheus does.
func read(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return families
}

func TestWrite(t *testing.T) {
	text := written(t, &fleet.Changes{New: make([]fleet.Change, 3), Fixed: make([]fleet.Change, 2), Still: make([]fleet.Change, 1)})
	got := map[string]float64{}
	for name, family := range read(t, text) {
		if family.GetType() != dto.MetricType_GAUGE || family.GetHelp() == "" {
			t.Errorf("%s is a %s, with the help %q", name, family.GetType(), family.GetHelp())
		}
		for _, m := range family.GetMetric() {
			key := name
			for n, l := range m.GetLabel() {
				if n == 0 && (l.GetName() != "fleet" || l.GetValue() != `a "b"`) {
					t.Errorf("%s is of no fleet: %s", name, m)
				} else if n > 0 {
					key += " " + l.GetName() + "=" + l.GetValue()
				}
			}
			got[key] = m.GetGauge().GetValue()
		}
	}
	want := map[string]float64{
		"halocheck_fleet_run version=v1.2.3 shard=2/3":                                                    1,
		"halocheck_fleet_instances":                                                                       4,
		"halocheck_fleet_instances_finished":                                                              3,
		"halocheck_fleet_instances_broken":                                                                1,
		"halocheck_fleet_shards_missing":                                                                  1,
		"halocheck_fleet_outcome_instances outcome=conformant":                                            1,
		"halocheck_fleet_outcome_instances outcome=not-conformant":                                        1,
		"halocheck_fleet_outcome_instances outcome=incomplete":                                            1,
		`halocheck_fleet_root_cause_instances requirement=trust.chain cause=odd "cause"\<U+000A><U+FFFD>`: 1,
		"halocheck_fleet_root_cause_instances requirement=network.resolves cause=":                        1,
		"halocheck_fleet_waiting_instances who=network-admin":                                             1,
		"halocheck_fleet_changes change=newly_failing":                                                    3,
		"halocheck_fleet_changes change=fixed":                                                            2,
		"halocheck_fleet_changes change=still_failing":                                                    1,
		"halocheck_fleet_changes change=newly_unjudged":                                                   0,
		"halocheck_fleet_requests":                                                                        24,
		"halocheck_fleet_duration_seconds":                                                                31.5,
		"halocheck_fleet_last_result_timestamp_seconds":                                                   1795568431.5,
		"halocheck_instance_exit_code name=acme":                                                          0,
		"halocheck_instance_exit_code name=bolt":                                                          1,
		"halocheck_instance_exit_code name=ended":                                                         4,
		"halocheck_instance_certificate_end_timestamp_seconds name=acme":                                  1803344400,
		"halocheck_instance_certificate_end_timestamp_seconds name=bolt":                                  1796432400,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// What OpenMetrics asks for beyond that: an end, nothing after it, and no empty line.
	if !strings.HasSuffix(text, "\n# EOF\n") || strings.Count(text, "# EOF") != 1 || strings.Contains(text, "\n\n") {
		t.Errorf("it is no OpenMetrics:\n%s", text)
	}
	// And valid without any result, and without an earlier run.
	var b bytes.Buffer
	if err := New().Write(&b, Totals{Fleet: "none", Shard: fleet.Unsharded, Counts: fleet.NewCounts(0)}); err != nil {
		t.Fatal(err)
	}
	none := read(t, b.String())
	if none["halocheck_fleet_last_result_timestamp_seconds"] != nil || none["halocheck_fleet_changes"] != nil {
		t.Errorf("what is not known is told:\n%s", b.String())
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteSaysWhatWentWrong(t *testing.T) {
	file := New()
	for range 1000 {
		file.Add(&fleet.Result{Name: "acme"})
	}
	for _, f := range []*File{New(), file} {
		if err := f.Write(full{}, Totals{Shard: fleet.Unsharded, Counts: fleet.NewCounts(0)}); !errors.Is(err, errFull) {
			t.Errorf("%v", err)
		}
	}
}

var (
	metricName = regexp.MustCompile(`\bhalocheck_[a-z_]+`)
	labelName  = regexp.MustCompile(`(?:by \(|\{\{|[{,])\s*([a-z]+)\s*(?:\)|\}\}|=)`)
)

// TestDashboard looks at what the Grafana dashboard asks for: only series and labels that are written, and all families.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../../../deploy/grafana/halocheck.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title  string
		UID    string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var asked []string
	ids := map[int]bool{}
	for _, p := range dashboard.Panels {
		if ids[p.ID] || p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d %q has no id of its own, no title, or asks nothing", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			asked = append(asked, target.Expr, target.LegendFormat)
		}
	}
	for _, v := range dashboard.Templating.List {
		asked = append(asked, v.Definition)
	}
	families, labels := read(t, written(t, &fleet.Changes{})), map[string]bool{}
	for _, family := range families {
		for _, l := range family.GetMetric()[0].GetLabel() {
			labels[l.GetName()] = true
		}
	}
	shown := map[string]bool{}
	for _, text := range asked {
		for _, name := range metricName.FindAllString(text, -1) {
			if shown[name] = true; families[name] == nil {
				t.Errorf("%s is in no file: %s", name, text)
			}
		}
		for _, found := range labelName.FindAllStringSubmatch(text, -1) {
			if !labels[found[1]] {
				t.Errorf("no series has the label %s: %s", found[1], text)
			}
		}
	}
	for name := range families {
		if !shown[name] {
			t.Errorf("%s is not shown", name)
		}
	}
	if dashboard.UID == "" || !slices.Contains(asked, "label_values(halocheck_fleet_run, fleet)") {
		t.Error("it has no uid, or its fleets cannot be chosen")
	}
}
