package secret

import (
	"maps"
	"slices"
	"strings"
)

// minFragment is the shortest piece out of the middle of a secret that is looked for. Every run of that many bytes holds a
// whole gram of the secret cut up into grams.
const (
	minFragment = 16
	gram        = 8
)

// fragmentIndex finds what a text holds of any of its texts in one pass. The zero value finds nothing.
type fragmentIndex struct {
	grams map[uint64][]fragmentPosition
	bloom bloom // of the grams: most of a foreign text is done with here
}

// clone is for adding to.
func (p fragmentIndex) clone() fragmentIndex {
	return fragmentIndex{maps.Clone(p.grams), p.bloom.clone()}
}

// fragmentPosition is where a gram stands.
type fragmentPosition struct {
	text string
	at   int
}

// gramOf is the gram that starts at a byte of text.
func gramOf(text string, at int) uint64 {
	b := text[at : at+gram]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// add has text looked for. A URL in a secret's place shares its pieces with every other, and is not.
func (p *fragmentIndex) add(text string) {
	if strings.Contains(text, "://") {
		return
	}
	if p.grams == nil {
		p.grams = map[uint64][]fragmentPosition{}
	}
	for n := range len(text) / gram {
		at := n * gram
		g := gramOf(text, at)
		p.grams[g] = append(slices.Clip(p.grams[g]), fragmentPosition{text, at})
		p.bloom.add(g)
	}
}

// in is where text holds the first piece, and how many bytes of it; size is 0 for nowhere.
func (p fragmentIndex) in(text string) (at, size int) {
	if p.bloom.bits == nil {
		return 0, 0
	}
	for i := range len(text) + 1 - gram {
		g := gramOf(text, i)
		if !p.bloom.has(g) {
			continue
		}
		for _, s := range p.grams[g] {
			before, after := 0, gram
			for before < min(i, s.at) && text[i-before-1] == s.text[s.at-before-1] {
				before++
			}
			for i+after < len(text) && s.at+after < len(s.text) && text[i+after] == s.text[s.at+after] {
				after++
			}
			if before+after >= minFragment {
				return i - before, before + after
			}
		}
	}
	return 0, 0
}

// asciiLower is text with A to Z in lower case, byte by byte, so that places in it are places in text. Case is no disguise: host
// names lose it, and a GUID is the same without.
func asciiLower(text string) string {
	out := []byte(text)
	for i, b := range out {
		out[i] = asciiLowerByte(b)
	}
	return string(out)
}

func asciiLowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
