package secret

import "slices"

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

// formIndex finds its forms in a text in one walk over it: reports are long, and the forms of a few tokens many. The zero value
// finds nothing.
type formIndex struct {
	bloom
	byPrefix map[uint64][]string
}

// prefixSize is how many bytes of a form are its key; every form is longer.
const prefixSize = 4

func newFormIndex(forms []string) formIndex {
	f := formIndex{byPrefix: map[uint64][]string{}}
	for _, form := range forms {
		prefix := prefixOf(form[0], form[1], form[2], form[3])
		if !slices.Contains(f.byPrefix[prefix], form) {
			f.byPrefix[prefix] = append(f.byPrefix[prefix], form)
			f.add(prefix)
		}
	}
	return f
}

// in tells whether text holds one of the forms.
func (f formIndex) in(text string) bool {
	if f.bits == nil {
		return false
	}
	prefix := uint64(0)
	for i := range len(text) {
		prefix = prefix>>8 | uint64(text[i])<<24
		if f.has(prefix) && f.startsOne(prefix, func(n int) byte { return at(text, i+1-prefixSize+n) }) {
			return true
		}
	}
	return false
}

// separated tells whether text holds one of the forms, of which there must be some, with one byte between any two of its bytes,
// or pairs of bytes.
func (f formIndex) separated(text string) bool {
	for i := range len(text) - 2*(prefixSize-1) {
		if prefix := prefixOf(text[i], text[i+2], text[i+4], text[i+6]); f.has(prefix) && f.startsOne(prefix, func(n int) byte { return at(text, i+2*n) }) {
			return true
		}
		if prefix := prefixOf(text[i], text[i+1], text[i+3], text[i+4]); f.has(prefix) && f.startsOne(prefix, func(n int) byte { return at(text, i+n+n/2) }) {
			return true
		}
	}
	return false
}

// startsOne tells whether the bytes, of which the first ones are the prefix, start with a form.
func (f formIndex) startsOne(prefix uint64, byteAt func(n int) byte) bool {
	return slices.ContainsFunc(f.byPrefix[prefix], func(form string) bool {
		for n := prefixSize; n < len(form); n++ {
			if byteAt(n) != form[n] {
				return false
			}
		}
		return true
	})
}

// at is a byte of text; zero behind its end, which no form holds.
func at(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// prefixOf are the first bytes as a number, the first one lowest.
func prefixOf(a, b, c, d byte) uint64 {
	return uint64(a) | uint64(b)<<8 | uint64(c)<<16 | uint64(d)<<24
}
