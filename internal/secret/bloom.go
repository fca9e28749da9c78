package secret

// bloom is a Bloom filter with one hash function: it tells of most numbers that they were never added. The zero value is empty.
type bloom struct{ bits *[1 << (bloomBits - 6)]uint64 }

// bloomBits is how much of a number's hash counts.
const bloomBits = 16

// clone is for adding to.
func (s bloom) clone() bloom {
	if s.bits == nil {
		return s
	}
	bits := *s.bits
	return bloom{&bits}
}

func (s *bloom) add(n uint64) {
	if s.bits == nil {
		s.bits = new([1 << (bloomBits - 6)]uint64)
	}
	h := bloomHash(n)
	s.bits[h>>6] |= 1 << (h & 63)
}

// has is true for whatever was added, and seldom for anything else. The filter must not be empty.
func (s bloom) has(n uint64) bool {
	h := bloomHash(n)
	return s.bits[h>>6]&(1<<(h&63)) != 0
}

// bloomHash is Knuth's multiplicative hash.
func bloomHash(n uint64) uint64 { return n * 0x9e3779b97f4a7c15 >> (64 - bloomBits) }

// prefixFilter are the first bytes of what is looked for, so that one walk over a text looks for all of it: reports are long, and
// the forms of a few tokens many. The zero value finds nothing.
type prefixFilter struct{ bloom }

// prefixSize is how many bytes of a form count; every form is longer.
const prefixSize = 4

// newPrefixFilter notes the first bytes of all forms.
func newPrefixFilter(lists ...[]string) prefixFilter {
	var s prefixFilter
	for _, forms := range lists {
		for _, form := range forms {
			s.add(prefixOf(form))
		}
	}
	return s
}

// find tells whether is holds for the text from any place on where a form may begin.
func (s prefixFilter) find(text string, is func(rest string) bool) bool {
	if s.bits == nil || len(text) < prefixSize {
		return false
	}
	start := prefixOf(text) << 8
	for i := prefixSize - 1; i < len(text); i++ {
		start = start>>8&0xffffff | uint64(text[i])<<24
		if s.has(start) && is(text[i+1-prefixSize:]) {
			return true
		}
	}
	return false
}

// prefixOf are the first bytes as a number, the first one lowest.
func prefixOf(text string) uint64 {
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24
}
