package fleet

import (
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/settings"
)

// Fill sets what the entry says, but for its secrets.
func (i Instance) Fill(v *settings.Values) error {
	for _, s := range i.Settings {
		for _, value := range s.Values {
			if err := v.Set(s.Name, value); err != nil {
				return i.Errorf(s.Name, "%s", err)
			}
		}
	}
	return nil
}

// FillSecrets sets where the entry's secrets are. The environment that it returns has those of them that are variables, and
// none of the variables that speak of one customer.
func (i Instance) FillSecrets(v *settings.Values, getenv func(string) string) (func(string) string, error) {
	values := map[string]string{}
	for _, s := range []struct {
		ref      Reference
		setting  string
		variable string
		field    string
	}{{i.Secret, "client-secret-file", "HALO_CLIENT_SECRET", "client-secret"}, {i.Admin, "admin-secret-file", "HALO_ADMIN_CLIENT_SECRET", "admin-secret"}} {
		file := ""
		switch s.ref.Scheme {
		case "file":
			if file = s.ref.Value; file == "-" || strings.HasPrefix(file, credential.KeyringPrefix) {
				file = "./" + file // a file, not standard input and not an entry of the keyring
			}
		case "keyring":
			file = credential.KeyringPrefix + s.ref.Value
		case "credential":
			folder := getenv("CREDENTIALS_DIRECTORY")
			if folder == "" {
				return nil, i.Errorf(s.field, "CREDENTIALS_DIRECTORY is not set, so no systemd credential can be read; start it as a unit with LoadCredential=")
			}
			file = filepath.Join(folder, s.ref.Value)
		case "env":
			if values[s.variable] = getenv(s.ref.Value); values[s.variable] == "" {
				return nil, i.Errorf(s.field, "the variable that it names is not set")
			}
		}
		if file == "" {
			continue
		}
		if err := v.Set(s.setting, file); err != nil {
			return nil, err
		}
	}
	return func(name string) string { return values[name] }, nil
}

// WriteInventory is an inventory with these entries, each by itself: what defaults and groups said is in them.
func WriteInventory(instances []Instance) ([]byte, error) {
	list := make([]yaml.MapSlice, 0, len(instances))
	for _, i := range instances {
		entry := yaml.MapSlice{{Key: "name", Value: i.Name}}
		for _, s := range i.Settings {
			var value any = s.Values
			if len(s.Values) == 1 {
				value = s.Values[0]
			}
			entry = append(entry, yaml.MapItem{Key: s.Name, Value: value})
		}
		for _, s := range []struct {
			field string
			ref   Reference
		}{{"client-secret", i.Secret}, {"admin-secret", i.Admin}} {
			if s.ref.Given() {
				entry = append(entry, yaml.MapItem{Key: s.field, Value: s.ref.Scheme + ":" + s.ref.Value})
			}
		}
		if len(i.Labels) > 0 {
			entry = append(entry, yaml.MapItem{Key: "labels", Value: i.Labels})
		}
		list = append(list, entry)
	}
	return yaml.Marshal(yaml.MapSlice{{Key: "version", Value: 1}, {Key: "instances", Value: list}})
}
