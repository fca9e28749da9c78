package secret

// sieve tells quickly of most numbers that they were never added. The zero value is empty.
type sieve struct{ bits *[1 << (sieveBits - 6)]uint64 }

// sieveBits is how much of a number's hash counts.
const sieveBits = 16

// clone is for adding to.
func (s sieve) clone() sieve {
	if s.bits == nil {
		return s
	}
	bits := *s.bits
	return sieve{&bits}
}

func (s *sieve) add(n uint64) {
	if s.bits == nil {
		s.bits = new([1 << (sieveBits - 6)]uint64)
	}
	h := hash(n)
	s.bits[h>>6] |= 1 << (h & 63)
}

// has is true for whatever was added, and seldom for anything else. The sieve must not be empty.
func (s sieve) has(n uint64) bool {
	h := hash(n)
	return s.bits[h>>6]&(1<<(h&63)) != 0
}

// hash is Knuth's multiplicative hash.
func hash(n uint64) uint64 { return n * 0x9e3779b97f4a7c15 >> (64 - sieveBits) }

// starts are the first bytes of what is looked for, so that one walk over a text looks for all of it: reports are long, and
// the forms of a few tokens many. The zero value finds nothing.
type starts struct{ sieve }

// startSize is how many bytes of a form count; every form is longer.
const startSize = 4

// startsOf notes the first bytes of all forms.
func startsOf(lists ...[]string) starts {
	var s starts
	for _, forms := range lists {
		for _, form := range forms {
			s.add(startOf(form))
		}
	}
	return s
}

// find tells whether is holds for the text from any place on where a form may begin.
func (s starts) find(text string, is func(rest string) bool) bool {
	if s.bits == nil || len(text) < startSize {
		return false
	}
	start := startOf(text) << 8
	for i := startSize - 1; i < len(text); i++ {
		start = start>>8&0xffffff | uint64(text[i])<<24
		if s.has(start) && is(text[i+1-startSize:]) {
			return true
		}
	}
	return false
}

// startOf are the first bytes as a number, the first one lowest.
func startOf(text string) uint64 {
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24
}
