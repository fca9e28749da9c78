package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
)

// everywhere is a made-up setting that can be given in every place.
var everywhere = settings.Setting{
	Name: "made-up", Description: "a `thing` that is only here", Variable: "HALO_MADE_UP", Repeatable: true,
	Scopes: settings.Check | settings.Record | settings.Judge | settings.Config | settings.Inventory | settings.Form,
	Apply: func(_ context.Context, a *settings.Arguments, s settings.Setting) error {
		applied = a.List(s.Name)
		return nil
	},
}

// applied are the values with which the made-up setting reached package halocheck.
var applied []string

// TestASettingIsDeclaredOnce adds one row to the table and finds it in every place.
func TestASettingIsDeclaredOnce(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	config := write("acme.yaml", "made-up: [a, b]\n")
	inventory := write("fleet.yaml", "instances:\n  - {name: a, fake: healthy, made-up: [a, b]}\n")
	with := environment{table: append(slices.Clone(settings.All), everywhere), getenv: func(string) string { return "" }}
	for _, x := range []struct {
		args []string
		want string // on standard output
		door []string
	}{
		{[]string{"check", "--help"}, "--made-up thing", nil},
		{[]string{"record", "--help"}, "a thing that is only here (HALO_MADE_UP); repeatable", nil},
		{[]string{"judge", "--help"}, "--made-up thing", nil},
		{[]string{"help", "environment"}, "  HALO_MADE_UP              a thing that is only here (--made-up)\n", nil},
		{[]string{"help", "config"}, "  made-up             a thing that is only here; may be a list\n", nil},
		{[]string{"fleet", "--schema"}, `"made-up": {"$ref": "#/$defs/texts", "description": "a thing that is only here"}`, nil},
		{[]string{"check", "--fake", "healthy", "--only", "login.token", "--made-up", "a"}, "pass", []string{"a"}},
		{[]string{"check", "--fake", "healthy", "--only", "login.token", "--config", config}, "pass", []string{"a", "b"}},
		{[]string{"judge", "../../fixtures/reports/v1-healthy.json", "--made-up", "a"}, "pass", []string{"a"}},
		{[]string{"fleet", "--dry-run", inventory}, "a  fake [healthy]", []string{"a", "b"}},
	} {
		var out, errs bytes.Buffer
		applied = nil
		with.in, with.out, with.err = strings.NewReader(""), &out, &errs
		if code := run(x.args, with); code != 0 || !strings.Contains(out.String(), x.want) {
			t.Errorf("%v: exit %d without %q:\n%s%s", x.args, code, x.want, out.String(), errs.String())
		}
		if !slices.Equal(applied, x.door) {
			t.Errorf("%v: package halocheck is given %q, want %q", x.args, applied, x.door)
		}
		without := with
		without.table = nil
		out.Reset()
		if run(x.args, without); strings.Contains(out.String(), "made-up") {
			t.Errorf("%v: the setting is there without its row", x.args)
		}
	}
	loaded, err := fleet.Load(t.Context(), with.table, inventory)
	if err != nil || !slices.Equal(loaded.Instances[0].Get("made-up"), []string{"a", "b"}) {
		t.Errorf("the inventory: %+v, %v", loaded, err)
	}
	v := settings.NewValues(with.table, settings.Check)
	if err := v.ReadEnvironment(func(name string) string { return map[string]string{"HALO_MADE_UP": "c"}[name] }); err != nil || !slices.Equal(v.List("made-up"), []string{"c"}) {
		t.Errorf("the environment: %v, %v", v.List("made-up"), err)
	}
	if err := v.ReadConfig(t.Context(), config); err != nil || !slices.Equal(v.List("made-up"), []string{"c"}) {
		t.Errorf("the environment does not outrank the file: %v, %v", v.List("made-up"), err)
	}
}

// TestOneFileIsOneCustomer checks and records the instance that a configuration file names.
func TestOneFileIsOneCustomer(t *testing.T) {
	y := newYard(t, 1)
	text := strings.NewReplacer("  - {name: customer-000, ", "", ", labels: {kind: \"0\"}}", "", ", ", "\n", "client-secret: \"file:right.txt\"", "client-secret-file: right.txt").Replace(y.entries[0])
	if err := os.WriteFile(filepath.Join(y.folder, "acme.yaml"), []byte(text+"only: [login.*]\nformat: short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := y.run(t, 0, nil, "check", "--config", "acme.yaml"); !strings.Contains(got, " conformant: 5 pass") {
		t.Error(got)
	}
	if got := y.run(t, 1, nil, "check", "https://127.0.0.1:1", "--config", "acme.yaml", "--only", "network.*", "--timeout", "5s"); !strings.Contains(got, "network.reachable") {
		t.Errorf("the argument does not win over the file: %s", got)
	}
	if got := y.run(t, 0, nil, "record", "--config", "acme.yaml", "kept"); !strings.Contains(got, "recorded https://localhost:") {
		t.Error(got)
	}
}
