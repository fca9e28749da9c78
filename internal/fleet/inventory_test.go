package fleet

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/internal/settings"

	"github.com/goccy/go-yaml"
)

func TestLoad(t *testing.T) {
	inventory, err := Load(t.Context(), settings.All, "testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Name, Secret, Admin string
		Labels              map[string]string
		Settings            map[string][]string
	}
	var got []entry
	for _, i := range inventory.Instances {
		e := entry{i.Name, i.Secret.Scheme + " " + i.Secret.Value, i.Admin.Scheme + " " + i.Admin.Value, i.Labels, map[string][]string{}}
		for _, s := range i.Settings {
			e.Settings[s.Name] = s.Values
		}
		got = append(got, e)
	}
	want := []entry{
		{
			"acme", "file testdata/secrets/acme", " ",
			map[string]string{"env": "test", "region": "apac", "tier": "gold"},
			map[string][]string{
				"url": {"https://acme.halopsa.com"}, "client-id": {"3f1c"}, "tenant": {"acme"}, "timeout": {"30s"},
				"hosting": {"on-premise"}, "skip": {"trust.tidy"},
			},
		},
		{
			"bolt.2", "env BOLT_SECRET", "credential bolt.admin",
			map[string]string{"env": "prod", "region": "emea"},
			map[string][]string{
				"url": {"bolt.2.example"}, "auth-url": {"https://auth.example/auth/"}, "tenant": {"Not set"}, "client-id": {"1"},
				"admin-client-id": {"boss"}, "guide": {"testdata/guide.yaml"}, "profile": {"billing"}, "hosting": {"hosted"},
				"team": {"Night", "Day shift"}, "stable": {"2.190"}, "ca-file": {"/etc/roots.pem"},
				"resolve": {"bolt.example:443:203.0.113.7"}, "via": {"3.19.3.152=socks5://me@127.0.0.1:1080"}, "aia": {"off"},
				"only": {"trust.*"}, "skip": {"trust.tidy"}, "attest": {"network.allowlist=read the firewall's rules"},
				"waive": {"testdata/waivers.yaml"}, "timeout": {"90s"},
			},
		},
		{
			"try", " ", " ", map[string]string{"env": "prod", "region": "emea"},
			map[string][]string{"fake": {"missing-intermediate", "wrong-secret"}, "timeout": {"30s"}},
		},
		{
			"other", "file /run/other", "file testdata/admin", map[string]string{"env": "prod", "region": "emea"},
			map[string][]string{"url": {"https://other.example"}, "client-id": {"x"}, "admin-client-id": {"y"}, "tenant": {"other"}, "timeout": {"30s"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if line := inventory.Instances[1].Line; line != 22 {
		t.Errorf("bolt.2 starts in line %d, want 22", line)
	}
}

// TestIntegrations: an entry lists the guides of what it has connected, by name or file; its own list takes the place of the defaults'.
func TestIntegrations(t *testing.T) {
	const text = "defaults: {guide: mspcentric}\ninstances:\n  - {name: a, url: a.example, integrations: [hudu, own.yaml]}\n  - {name: b, url: b.example, integrations: 'huntress,own.yaml'}\n  - {name: c, url: c.example}\n"
	inventory, err := Parse(t.Context(), settings.All, "in/f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range inventory.Instances {
		got = append(got, strings.Join(i.Get("integrations"), " ")+"|"+strings.Join(i.Get("guide"), " "))
	}
	own := filepath.Join("in", "own.yaml")
	if diff := cmp.Diff([]string{"hudu " + own + "|", "huntress " + own + "|", "|mspcentric"}, got); diff != "" {
		t.Error(diff)
	}
}

// bad are inventories that are refused, with the whole message. Those marked are refused by the schema as well.
var bad = []struct {
	name, text, want string
	schema           bool
}{
	{"empty", "", `f.yaml: instances: there are none; an entry looks like ` + "`- {name: acme, url: https://acme.halopsa.com}`", false},
	{"no list", "instances: acme\n", `f.yaml:1: instances: it is not a list; an entry starts with ` + "`- name:`", true},
	{"no map", "- acme\n", `f.yaml:1: it is not a map of settings; a line looks like ` + "`tenant: acme`", true},
	{"unknown key", "instances: []\ninstnces: []\n", `f.yaml:2: instnces: there is no such key; an inventory has version, defaults, groups and instances`, true},
	{"version", "version: 2\ninstances: []\n", `f.yaml:1: version: this halocheck understands version 1 alone`, true},
	{"no name", "instances:\n  - url: x.example\n", `f.yaml:2: instances[0]: it has no name`, true},
	{"name", "instances:\n  - url: x.example\n    name: ../x\n", `f.yaml:2: instances[0]: name: a name has ASCII letters, digits, dots, hyphens and underscores, 128 at most, and starts with a letter or digit`, true},
	{"twice", "instances:\n  - {name: a, url: a.example}\n  - {name: A, url: b.example}\n", `f.yaml:3: A: name: it is used twice; line 2 has it first`, false},
	{"key twice", "instances:\n  - name: a\n    url: a.example\n    url: b.example\n", `f.yaml:4: a key is given twice; line 3 has it first`, false},
	{"unknown setting", "instances:\n  - name: a\n    url: a.example\n    tennant: x\n", `f.yaml:4: a: there is no setting "tennant" (did you mean tenant?)`, true},
	{"setting of groups", "defaults:\n  groups: [x]\ninstances: []\n", `f.yaml:2: defaults: there is no setting "groups" (did you mean groups?)`, true},
	{"unknown group", "instances:\n  - name: a\n    url: a.example\n    groups: emea\n", `f.yaml:2: a: groups: there is no group "emea"`, false},
	{"inline secret", "instances:\n  - name: a\n    url: a.example\n    client-id: x\n    client-secret: hunter22\n", `f.yaml:5: a: client-secret: a secret does not belong into an inventory; say where it is with file:PATH, env:NAME, keyring:NAME or credential:NAME`, true},
	{"inline secret of an unknown scheme", "defaults:\n  admin-secret: hunter22:x\ninstances: []\n", `f.yaml:2: defaults: admin-secret: a secret does not belong into an inventory; say where it is with file:PATH, env:NAME, keyring:NAME or credential:NAME`, true},
	{"inline secret by another name", "instances:\n  - name: a\n    url: a.example\n    password: hunter22\n", `f.yaml:4: a: a secret does not belong into an inventory; say where it is with client-secret: file:PATH`, true},
	{"inline secret in env", "defaults: {client-secret: 'env:hunter22!'}\n", `f.yaml:1: defaults: client-secret: what follows env: is no name of a variable, such as ACME_SECRET`, true},
	{"keyring", "defaults: {client-secret: 'keyring:a b'}\n", `f.yaml:1: defaults: client-secret: what follows keyring: is no name of an entry, such as acme`, true},
	{"credential", "defaults: {client-secret: 'credential:../x'}\n", `f.yaml:1: defaults: client-secret: what follows credential: is no name of a systemd credential`, true},
	{"password in a URL", "instances:\n  - name: a\n    url: https://me:hunter22@a.example\n", `f.yaml:3: a: url: the URL holds a password, and a secret does not belong into an inventory`, false},
	{"password in a URL that is none", "instances:\n  - name: a\n    url: https://me:hunter%zz22@a.example\n", `f.yaml:3: a: url: the URL holds a password, and a secret does not belong into an inventory`, false},
	{"password in a vantage point", "defaults:\n  via: [a=socks5://x, b=socks5://me:hunter22@b]\n", `f.yaml:2: defaults: via: the URL holds a password, and a secret does not belong into an inventory`, false},
	{"secret without id", "instances:\n  - {name: a, url: a.example, client-secret: env:X}\n", `f.yaml:2: a: there is a secret without a client id; add client-id`, false},
	{"id without secret", "instances:\n  - name: a\n    url: a.example\n    client-id: x\n", `f.yaml:4: a: client-id: there is a client id without a secret; add client-secret`, false},
	{"no url", "instances:\n  - {name: a}\n", `f.yaml:2: a: it has no url, such as https://acme.halopsa.com`, false},
	{"url and fake", "instances:\n  - {name: a, url: a.example, fake: healthy}\n", `f.yaml:2: a: fake: it and url exclude each other; leave one of them out`, true},
	{"guide and integrations", "instances:\n  - {name: a, url: a.example, guide: hudu, integrations: thread}\n", `f.yaml:2: a: integrations: it and guide exclude each other; leave one of them out`, true},
	{"fake with a secret", "instances:\n  - {name: a, fake: healthy, client-secret: env:X}\n", `f.yaml:2: a: fake: a fake brings its own credentials; leave the secret out, or name a file`, false},
	{"empty value", "instances:\n  - name: a\n    url:\n", `f.yaml:3: a: url: it has no value; an empty one is written ""`, true},
	{"empty list", "instances:\n  - {name: a, url: a.example, team: []}\n", `f.yaml:2: a: team: the list is empty; leave it out`, true},
	{"map for text", "instances:\n  - name: a\n    url: {x: y}\n", `f.yaml:3: a: url: it is not plain text`, true},
	{"label", "instances:\n  - {name: a, url: a.example, labels: {1x: y}}\n", `f.yaml:2: a: labels: a label's name has ASCII letters, digits, hyphens and underscores, 64 at most`, true},
	{"label twice", "instances:\n  - {name: a, url: a.example, labels: {x: 1, x: 2}}\n", `f.yaml:2: a key is given twice; line 2 has it first`, false},
	{"label of an anchor", "instances:\n  - {name: a, url: a.example, labels: {x: &y z}}\n", `f.yaml:2: anchors and aliases are not understood; write the value where it is needed`, false},
	{"label without a value", "instances:\n  - name: a\n    labels: {x: }\n", `f.yaml:3: a: labels: x: it has no value; an empty one is written ""`, true},
	{"long label", "instances:\n  - {name: a, url: a.example, labels: {x: " + strings.Repeat("y", 257) + "}}\n", `f.yaml:2: a: labels: x: its value is longer than 256 bytes`, true},
	{"tab", "instances:\n  - name: a\n\turl: a.example\n", `f.yaml:3: it is indented with a tab; YAML wants blanks`, false},
	{"UTF-16", "\xff\xfei\x00n\x00", `f.yaml: it is not text in UTF-8; save it as that`, false},
	{"zero byte", "instances:\x00\n", `f.yaml: it is not text in UTF-8; save it as that`, false},
	{"name that runs backwards", "instances:\n  - {name: \"a\u202eb\", url: a.example}\n", `f.yaml:2: instances[0]: name: a name has ASCII letters, digits, dots, hyphens and underscores, 128 at most, and starts with a letter or digit`, true},
	{"long name", "instances:\n  - {name: " + strings.Repeat("n", 300) + ", url: a.example}\n", `f.yaml:2: instances[0]: name: a name has ASCII letters, digits, dots, hyphens and underscores, 128 at most, and starts with a letter or digit`, true},
	{"alias", "defaults: &d\n  timeout: 5s\ninstances:\n  - *d\n", `f.yaml:1: anchors and aliases are not understood; write the value where it is needed`, false},
	{"alias as a value", "instances:\n  - name: a\n    url: *x\n", `f.yaml:3: anchors and aliases are not understood; write the value where it is needed`, false},
	{"merge", "instances:\n  - <<: {timeout: 5s}\n    name: a\n", `f.yaml:2: anchors and aliases are not understood; write the value where it is needed`, false},
	{"second document", "instances:\n  - {name: a, url: a.example}\n---\ninstances: []\n", `f.yaml:4: a second document starts here; an inventory is one`, false},
	{"no YAML", "instances:\n  - name: 'hunter22\n", "f.yaml:2: it is not YAML: could not find end character of single-quoted text", false},
	{"brackets", strings.Repeat("[", 100_000), `f.yaml:1: it holds more than 20000 lines and punctuation marks`, false},
	{"brackets on lines", strings.Repeat("[\n", 100_000), `f.yaml:10001: it holds more than 20000 lines and punctuation marks`, false},
	{"a device", "instances: [{name: Nul.acme, url: x}]", `f.yaml:1: instances[0]: name: it is the name of a device on Windows, and no file can be called so`, false},
	{"a device with a number", "instances: [{name: com1, url: x}]", `f.yaml:1: instances[0]: name: it is the name of a device on Windows, and no file can be called so`, false},
	{"lists in lists", strings.Repeat("- ", 100_000), `f.yaml:1: it holds more than 20000 lines and punctuation marks`, false},
}

// TestInventoriesOfOtherEditors has the byte order mark and the line ends of Windows.
func TestInventoriesOfOtherEditors(t *testing.T) {
	text, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Parse(t.Context(), settings.All, "testdata/whole.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"byte order mark": append([]byte("\ufeff"), text...),
		"line ends":       bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
	} {
		got, err := Parse(t.Context(), settings.All, "testdata/whole.yaml", text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want.Instances, got.Instances); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestBadInventories(t *testing.T) {
	for _, test := range bad {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(t.Context(), settings.All, "f.yaml", []byte(test.text))
			if err == nil {
				t.Fatal("it is accepted")
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
			var at *InventoryError
			if !errors.As(err, &at) {
				t.Errorf("%T is no fault", err)
			}
		})
	}
}

// TestAnAliasBombCostsNothing is the classic: nine lists, each nine times the one before.
func TestAnAliasBombCostsNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString("a: &a [x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c <= 'i'; c++ {
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "]\n")
	}
	for text, want := range map[string]string{
		b.String(): "f.yaml:1: anchors and aliases are not understood; write the value where it is needed",
		"groups:\n  a: &a {timeout: 5s}\n  b: {team: &b [*a, *a]}\n": "f.yaml:2: anchors and aliases are not understood; write the value where it is needed",
	} {
		if _, err := Parse(t.Context(), settings.All, "f.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestAHugeFileIsNotRead takes a file of a GiB that takes no room on the disk.
func TestAHugeFileIsNotRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "huge.yaml")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<30); err != nil {
		t.Skip(err)
	}
	want := name + ": it is larger than 16 MiB, so it is no inventory; split it"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Load(t.Context(), settings.All, name); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("%d bytes were read to refuse it", allocated)
	}
}

// compiled is the published schema.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(InventorySchema(settings.All)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("inventory", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("inventory")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON is YAML as a schema sees it.
func asJSON(t testing.TB, text []byte) any {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheSchemaAgreesWithTheLoader(t *testing.T) {
	schema := compiled(t)
	whole, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(asJSON(t, whole)); err != nil {
		t.Errorf("what the loader takes, the schema refuses: %v", err)
	}
	for _, test := range bad {
		if test.schema && schema.Validate(asJSON(t, []byte(test.text))) == nil {
			t.Errorf("%s: the schema takes it", test.name)
		}
	}
	document := asJSON(t, InventorySchema(settings.All))
	properties := document.(map[string]any)["$defs"].(map[string]any)["settings"].(map[string]any)["properties"].(map[string]any)
	var names []string
	for name := range properties {
		if name != "labels" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(slices.Values(settings.All.In(settings.Inventory).Names())), names); diff != "" {
		t.Errorf("the loader's settings and the schema's differ: %s", diff)
	}
}

func FuzzParse(f *testing.F) {
	whole, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, test := range bad {
		f.Add([]byte(test.text[:min(len(test.text), 300)]))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		inventory, err := Parse(t.Context(), settings.All, "f.yaml", text)
		if err != nil {
			if message := err.Error(); !strings.HasPrefix(message, "f.yaml:") || strings.Contains(message, "\n") {
				t.Errorf("a fault without a place, or of several lines: %q", message)
			}
			return
		}
		names := map[string]bool{}
		for _, i := range inventory.Instances {
			if name := strings.ToLower(i.Name); names[name] || !instanceName().MatchString(i.Name) {
				t.Errorf("the name %q is used twice, or is none", i.Name)
			} else {
				names[name] = true
			}
			if i.URL() == "" && len(i.Get("fake")) == 0 {
				t.Errorf("%s has nothing to be asked", i.Name)
			}
			_, _ = Host(i), i.Digest()
		}
	})
}
