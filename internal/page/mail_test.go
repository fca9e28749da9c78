package page

import (
	"maps"
	"testing"
)

const (
	mailID  = "6f1c2f0e-1b1c-4d0a-9a53-1d2f3a4b5c6d"
	mailKey = "0a1b2c3d-1111-4222-8333-444455556666-0a1b2c3d-7777-4888-9999-000011112222"
)

// TestMail reads what customers mail.
func TestMail(t *testing.T) {
	whole := map[string]string{"url": "https://acme.halopsa.com", "auth-url": "https://acme.halopsa.com/auth/", "tenant": "acme", "client-id": mailID}
	for name, c := range map[string]struct {
		text   string
		values map[string]string
		secret string
	}{
		"labels":                 {"Hi,\r\n\r\nResource Server: https://acme.halopsa.com\r\nAuthorisation Server: https://acme.halopsa.com/auth/\r\nTenant: acme\r\nClient ID: " + mailID + "\r\nClient Secret: " + mailKey + "\r\n\r\nBest,\r\nJ.", whole, mailKey},
		"quoted, bullets, bold":  {"> * **Resource Server**: <https://acme.halopsa.com>\n> * **Authorization Server** = `https://acme.halopsa.com/auth/`\n> - Tenant - acme\n>> Client ID : “" + mailID + "”\n> Client Secret:\t" + mailKey, whole, mailKey},
		"value on the next line": {"Resource Server URL:\nhttps://acme.halopsa.com\n\nAuthorization Server URL\nhttps://acme.halopsa.com/auth/\nTenant\n acme\nClient ID\n\n" + mailID + "\nClient Secret\n" + mailKey, whole, mailKey},
		"a table":                {"| Resource Server | https://acme.halopsa.com |\n| Auth URL | https://acme.halopsa.com/auth/ |\n| Tenant | acme |\n| Client ID | " + mailID + " |\n| Secret | " + mailKey + " |", whole, mailKey},
		"JSON":                   {`{"resource_server":"https:\/\/acme.halopsa.com","auth_url":"https://acme.halopsa.com/auth/","tenant":"acme","client_id":"` + mailID + `","client_secret":"` + mailKey + `"}`, whole, mailKey},
		"environment":            {"HALO_URL=https://acme.halopsa.com\nHALO_AUTH_URL=https://acme.halopsa.com/auth/\nHALO_TENANT=acme\nHALO_CLIENT_ID=" + mailID + "\nHALO_CLIENT_SECRET=" + mailKey, whole, mailKey},
		"in sentences":           {"Our halo is at https://acme.halopsa.com. The id is " + mailID + ", and the secret " + mailKey + "!", map[string]string{"url": "https://acme.halopsa.com", "client-id": mailID}, mailKey},
		"no slash at the end":    {"Authorisation Server: https://acme.halopsa.com/auth", map[string]string{"auth-url": "https://acme.halopsa.com/auth"}, ""},
		"Not set":                {"URL: halo.acme.example\nTenant: Not set\nTeams: Service Desk", map[string]string{"url": "halo.acme.example", "tenant": "Not set", "team": "Service Desk"}, ""},
		"a secret as Client ID":  {"Client ID: " + mailKey, map[string]string{}, mailKey},
		"no Client ID":           {"Client ID: hunter2", map[string]string{}, ""},
		"the first one counts":   {"Tenant: one\nTenant: two", map[string]string{"tenant": "one"}, ""},
		"nothing":                {"Please call me back.\nThanks: J.", map[string]string{}, ""},
		"empty":                  {"", map[string]string{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := parseMail(c.text)
			if !maps.Equal(m.values, c.values) {
				t.Errorf("%q, want %q", m.values, c.values)
			}
			if got := m.secrets[secretSetting].Reveal(); got != c.secret {
				t.Errorf("the secret is %q, want %q", got, c.secret)
			}
		})
	}
}
