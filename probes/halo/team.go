package halo

import "encoding/json"

// Team holds the fields of a row of /Team that requirements judge (halo-api §9).
type Team struct {
	ID         ID     `json:"id"`
	Name       string `json:"name"` // empty: the row has none
	Department string `json:"department_name,omitempty"`
}

// DecodeTeams are the teams among the rows of a list. Rows that are no objects are passed over.
func DecodeTeams(rows []json.RawMessage) []Team {
	teams := []Team{}
	for _, row := range rows {
		var fields map[string]any
		if json.Unmarshal(row, &fields) == nil && fields != nil {
			teams = append(teams, Team{ID: ID(text(fields["id"])), Name: text(fields["name"]), Department: text(fields["department_name"])})
		}
	}
	return teams
}
