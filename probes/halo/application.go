package halo

import (
	"encoding/json"
	"strings"
)

// Application is what of an application's record is looked at: halo-api §8.
type Application struct {
	ID       ID     `json:"id"`
	ClientID string `json:"clientId"`
	Name     string `json:"displayName"`
	Inactive *bool  `json:"inactive"` // nil: the record does not say
	Scopes   *[]struct {
		Name string `json:"name"`
	} `json:"scopes"` // nil: the record does not say
}

// FindApplication is the record of the application with this client id, in whatever case; ok is false where there is
// none among the rows. Rows that are no records are passed over.
func FindApplication(rows []json.RawMessage, clientID string) (app Application, ok bool) {
	for _, row := range rows {
		var app Application
		if json.Unmarshal(row, &app) == nil && strings.EqualFold(app.ClientID, clientID) {
			return app, true
		}
	}
	return Application{}, false
}
