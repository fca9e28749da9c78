package halo

// namesOnly are the levels whose scale has a names-only step between No Access and Read Only. Older instances count
// without that step: halo-api §6, the caveat.
var namesOnly = map[string]bool{"Ux": true, "Fx": true, "Ix": true}

// removing are the levels whose fourth step, Remove, older instances do not have.
var removing = map[string]bool{"Xx": true, "Dx": true}

// Steps are the positions on today's scale that a level's value may stand for, counted from 0: one, or two where the
// claims may be written in either coding. A 3 among the levels that have four steps shows today's coding; claims by
// their long names only are an older instance's.
func (g EffectiveClaims) Steps(code string, value int) []int {
	if !namesOnly[code] || value == 0 {
		return []int{value}
	}
	today, byCode, byName := false, false, false
	for _, h := range g {
		for _, c := range h.Claims {
			n, ok := c.number()
			if !ok || family(c.Code()) != "level" {
				continue
			}
			today = today || (n == 3 && (namesOnly[c.Code()] || removing[c.Code()]))
			if c.Code() == c.Type {
				byCode = true
			} else {
				byName = true
			}
		}
	}
	switch {
	case today || value >= 3:
		return []int{value}
	case byName && !byCode:
		return []int{value + 1}
	}
	return []int{value, value + 1}
}
