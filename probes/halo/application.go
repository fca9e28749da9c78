package halo

import (
	"encoding/json"
	"strings"
)

// Application holds the fields of an application's record that requirements judge: halo-api §8.
type Application struct {
	ID       ID
	ClientID string
	Name     string
	Inactive *bool    // nil: the record does not say
	Scopes   []string // nil: the record does not say
}

// DecodeApplication reads one record, bare or in an envelope.
func DecodeApplication(body []byte) Application {
	fields := Object(body)
	app := Application{
		ID: ID(text(fields["id"])), ClientID: text(fields["clientId"]), Name: text(fields["displayName"]),
		Inactive: boolean(fields["inactive"]),
	}
	if list, ok := fields["scopes"].([]any); ok {
		app.Scopes = []string{}
		for _, item := range list {
			if object, ok := item.(map[string]any); ok {
				item = object["name"]
			}
			if name := text(item); name != "" {
				app.Scopes = append(app.Scopes, name)
			}
		}
	}
	return app
}

// FindApplication is the record of the application with this client id, in whatever case; ok is false where there is
// none among the rows. Rows that are no records are passed over.
func FindApplication(rows []json.RawMessage, clientID string) (app Application, ok bool) {
	for _, row := range rows {
		if app := DecodeApplication(row); app.ClientID != "" && strings.EqualFold(app.ClientID, clientID) {
			return app, true
		}
	}
	return Application{}, false
}
