package halo

// Team holds the fields of a row of /Team that requirements judge (halo-api §9).
type Team struct {
	ID         ID     `json:"id"`
	Name       string `json:"name"`
	Department string `json:"department_name,omitempty"`
}
