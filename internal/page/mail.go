package page

import (
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes/halo"
)

// mailFields is what a text was found to hold.
type mailFields struct {
	values  map[string]string
	secrets map[string]secret.Text
	notes   []string
}

// mailLabels are the words that people put before a value, by the setting; without case, and with single blanks.
var mailLabels = map[string][]string{
	"url": {"resource server", "resource server url", "url", "halo url", "halopsa url", "instance", "instance url", "halo instance", "api url", "base url", "host", "server", "site", "link",
		"resource_server", "resource-server", "resourceserver", "halo_url"},
	"auth-url": {"authorisation server", "authorization server", "authorisation server url", "authorization server url", "auth server", "auth url", "authorisation url", "authorization url",
		"authentication server", "authentication url", "token url", "auth_url", "auth-url", "authurl", "halo_auth_url"},
	"tenant":      {"tenant", "tenant name", "tenant id", "halo_tenant"},
	"client-id":   {"client id", "clientid", "client_id", "client-id", "application id", "app id", "api client id", "halo_client_id", "id"},
	secretSetting: {"client secret", "clientsecret", "client_secret", "client-secret", "secret", "api secret", "application secret", "secret key", "halo_client_secret"},
	"team":        {"team", "teams", "team name", "alert team", "alerts team"},
}

// settingOfLabel is the setting that a label names; empty: none.
func settingOfLabel(label string) string {
	label = strings.ToLower(strings.Join(strings.Fields(strings.Trim(label, " \t\"'*_-•·`>#{,")), " "))
	for name, labels := range mailLabels {
		if slices.Contains(labels, label) {
			return name
		}
	}
	return ""
}

const guid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

var (
	// A label ends at a colon that begins no URL's "//", an equals sign, a tab, a bar of a table, or a dash with blanks around it.
	mailPair    = lazyregexp.New(`^(.{1,40}?)\s*(?::|=|\t|\||\s[-–—]\s|\s(?:is|lautet)\s)\s*(.*)$`)
	mailURL     = lazyregexp.New(`https?://[^\s<>"'|\\)\]]+`)
	mailGUID    = lazyregexp.New(`(?i)` + guid)
	mailSecret  = lazyregexp.New(`(?i)` + guid + `-` + guid)
	mailJSON    = lazyregexp.New(`"([A-Za-z_-]+)"\s*:\s*"((?:[^"\\]|\\.)*)"`)
	quotingMark = lazyregexp.New(`^(?:\s*>)+\s?`)
)

// parseMail finds the fields in a text that somebody mailed: "label: value" on a line, a label with its value on the next line, a row
// of a table, or JSON; without labels, what has the form of a value. The first value of a field counts.
func parseMail(text string) mailFields {
	m := mailFields{values: map[string]string{}, secrets: map[string]secret.Text{}}
	text = strings.NewReplacer("\r\n", "\n", "\u00a0", " ", "\u200b", "", "\ufeff", "", "“", `"`, "”", `"`, "‘", "'", "’", "'").Replace(text)
	for _, pair := range mailJSON().FindAllStringSubmatch(text, -1) {
		if name := settingOfLabel(pair[1]); name != "" {
			m.add(name, strings.ReplaceAll(pair[2], `\/`, "/"))
		}
	}
	pending := ""
	for line := range strings.Lines(text) {
		line = strings.Trim(quotingMark().ReplaceAllString(strings.TrimRight(line, "\n"), ""), " \t|")
		if mailJSON().MatchString(line) || line == "" {
			continue
		}
		name, value := "", ""
		if pair := mailPair().FindStringSubmatch(line); pair != nil {
			name, value = settingOfLabel(pair[1]), pair[2]
		}
		switch {
		case name != "" && cleanValue(value) == "", name == "" && settingOfLabel(strings.TrimRight(line, ":")) != "":
			pending = settingOfLabel(strings.TrimRight(line, ":= "))
			continue
		case name != "":
			m.add(name, cleanValue(value))
		case pending != "":
			m.add(pending, cleanValue(line))
		}
		pending = ""
	}
	m.guess(text)
	m.describe()
	return m
}

// cleanValue is a value without what a mail program or a table puts around it. A URL is kept to its last slash.
func cleanValue(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "|*`\t ")
	if found := mailURL().FindString(text); found != "" {
		return strings.TrimRight(found, ".,;!*_")
	}
	text = strings.Trim(text, `"'<>,; `)
	return text
}

// add takes a value, unless the field has one.
func (m *mailFields) add(name, value string) {
	if value == "" {
		return
	}
	if name == secretSetting || secret.HasSecretForm(value) {
		if name == secretSetting && m.secrets[secretSetting].Empty() {
			m.secrets[secretSetting] = secret.New(value)
		}
		return
	}
	if name == "client-id" && !halo.IsClientID(value) {
		m.notes = append(m.notes, "What stands as the Client ID is none: it is two groups of letters and digits too short or too long. Ask for it again.")
		return
	}
	if m.values[name] == "" {
		m.values[name] = value
	}
}

// guess finds what has no label, by its form.
func (m *mailFields) guess(text string) {
	for _, found := range mailSecret().FindAllString(text, -1) {
		if m.secrets[secretSetting].Empty() {
			m.secrets[secretSetting] = secret.New(found)
		}
	}
	for _, found := range mailGUID().FindAllString(mailSecret().ReplaceAllString(text, ""), -1) {
		if m.values["client-id"] == "" {
			m.values["client-id"] = found
		}
	}
	for _, found := range mailURL().FindAllString(text, -1) {
		found = strings.TrimRight(found, ".,;!*_")
		name := "url"
		if strings.Contains(strings.ToLower(found), "/auth") {
			name = "auth-url"
		}
		other := map[string]string{"url": "auth-url", "auth-url": "url"}[name]
		if m.values[name] == "" && m.values[other] != found {
			m.values[name] = found
		}
	}
}

// describe says what was found, without the values.
func (m *mailFields) describe() {
	names := map[string]string{"url": "Resource Server", "auth-url": "Authorisation Server", "tenant": "Tenant", "client-id": "Client ID", secretSetting: "Client Secret", "team": "Teams"}
	var found, missing []string
	for _, name := range mainFields {
		_, kept := m.secrets[name]
		switch {
		case m.values[name] != "" || kept:
			found = append(found, names[name])
		case name == "url" || name == "client-id" || name == secretSetting:
			missing = append(missing, names[name])
		}
	}
	if len(found) > 0 {
		m.notes = append([]string{"Found in the text: " + strings.Join(found, ", ") + ". Compare them with the text."}, m.notes...)
		if len(missing) > 0 {
			m.notes = append(m.notes, "Not in the text: "+strings.Join(missing, ", ")+".")
		}
	}
}
