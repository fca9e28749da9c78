package guide_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestTheSchema: every guide of the library is valid by it, what the parser refuses is not, and it has every key.
func TestTheSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(guide.SchemaFile))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("guide.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("guide.schema.json")
	valid := func(text []byte) error {
		raw, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	files, _ := filepath.Glob("library/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		"edition: x\n", "name: X\nnetwrk: {}\n", "name: X\nnetwork: {addresses: [3.138.54]}\n", "name: X\napplication: {scopes: [{name: 'read:users'}]}\n",
		"name: X\nrole: {permissions: [{permission: fly}]}\n", "name: X\nlogin: {auth_url: {trailing_slash: perhaps}}\n", "name: X\nagent: {teams: {phase: night}}\n",
	} {
		if valid([]byte(text)) == nil {
			t.Errorf("valid: %s", text)
		}
		if _, err := guide.Parse("g.yaml", []byte(text)); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
	keys := map[string]bool{}
	collect(document, keys)
	for _, tag := range tags(reflect.TypeFor[guide.Guide]()) {
		if !keys[tag] {
			t.Errorf("the schema has no %s", tag)
		}
	}
}

func collect(v any, keys map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			keys[k] = true
			collect(inner, keys)
		}
	case []any:
		for _, inner := range v {
			collect(inner, keys)
		}
	}
}

// tags are the keys of a type and of all that it holds.
func tags(t reflect.Type) (out []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return tags(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
			if name == "-" {
				continue
			}
			if name != "" {
				out = append(out, name)
			}
			out = append(out, tags(t.Field(i).Type)...)
		}
	}
	return out
}
