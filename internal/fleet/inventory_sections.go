package fleet

import "bytes"

// maxEntries bounds the instances of an inventory.
const maxEntries = 100_000

// splitEntries splits an inventory at the entries of its list, so that each is parsed by itself: memory is needed for one
// entry at a time, and the first bad one ends the parsing. A list that is not written as one entry below the other stays in
// the rest, which is the part before the list and the one after it. It stops behind maxEntries.
func splitEntries(data []byte) (rest []section, entries []section) {
	number, offset, start, indent := 0, 0, -1, -1
	var open section // the entry that lines are added to
	from := 0        // its offset
	for text := range bytes.Lines(data) {
		number++
		offset += len(text)
		switch trimmed := bytes.TrimLeft(text, " "); {
		case start < 0: // the list was not found yet
			if isListKey(text) {
				start = offset
			}
			continue
		case isBlank(trimmed):
			continue
		case indent < 0: // the first line below the key
			if !isItem(trimmed) {
				return []section{{0, data}}, nil
			}
			indent = len(text) - len(trimmed)
			rest = []section{{0, data[:start]}}
		case len(entries) > maxEntries:
			return rest, entries
		case isItem(trimmed) && len(text)-len(trimmed) == indent:
			open.text = data[from : offset-len(text)]
			entries = append(entries, open)
		case len(trimmed) == len(text): // a key of the document
			open.text = data[from : offset-len(text)]
			return append(rest, section{number - 1, data[offset-len(text):]}), append(entries, open)
		default:
			continue
		}
		open, from = section{before: number - 1}, offset-len(text)
	}
	if indent < 0 {
		return []section{{0, data}}, nil
	}
	open.text = data[from:]
	return rest, append(entries, open)
}

// isListKey tells whether a line is the key of the list and nothing else.
func isListKey(text []byte) bool {
	after, ok := bytes.CutPrefix(text, []byte("instances:"))
	return ok && isBlank(bytes.TrimLeft(after, " "))
}

// isBlank tells whether a line without its indentation holds nothing but a comment.
func isBlank(trimmed []byte) bool {
	return len(trimmed) == 0 || trimmed[0] == '\n' || trimmed[0] == '#'
}

// isItem tells whether a line without its indentation starts an entry of a list.
func isItem(trimmed []byte) bool {
	return len(trimmed) > 1 && trimmed[0] == '-' && (trimmed[1] == ' ' || trimmed[1] == '\n')
}
