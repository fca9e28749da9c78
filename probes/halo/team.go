package halo

// Team is what is kept of a row of /Team (halo-api §9).
type Team struct {
	ID         ID     `json:"id"`
	Name       string `json:"name"`
	Department string `json:"department_name,omitempty"`
}
