package document

// CheckJSON refuses JSON that is nested too deeply or holds too many values or keys, in one pass and without memory of its
// own. Text that passes may still be malformed.
func CheckJSON(text []byte, l Limits) error {
	if int64(len(text)) > l.Bytes {
		return tooLarge(l)
	}
	counts := make([]int, 1, l.Depth+1) // members of each open bracket, the outermost first
	values, line := 0, 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			line++
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			if counts = append(counts, 0); len(counts) > l.Depth+1 {
				return &Error{line, newError("brackets are nested more than %d deep", l.Depth).Message}
			}
			values++
		case ']', '}':
			if len(counts) > 1 {
				counts = counts[:len(counts)-1]
			}
		case ',':
			values++
			if counts[len(counts)-1]++; counts[len(counts)-1] >= l.Keys {
				return &Error{line, newError("a list or map has more than %d entries", l.Keys).Message}
			}
		}
		if values > l.Marks {
			return &Error{line, newError("it holds more than %d values", l.Marks).Message}
		}
	}
	return nil
}
