package secret

import (
	"maps"
	"slices"
	"strings"
)

// minPiece is the shortest piece out of the middle of a secret that is looked for. Every run of that many bytes holds a
// whole gram of the secret cut up into grams.
const (
	minPiece = 16
	gram     = 8
)

// pieces finds what a text holds of any of its texts in one pass. The zero value finds nothing.
type pieces struct {
	grams map[uint64][]spot
	sieve sieve // of the grams; most of a foreign text is done with here
}

// clone is for adding to.
func (p pieces) clone() pieces { return pieces{maps.Clone(p.grams), p.sieve.clone()} }

// spot is where a gram stands.
type spot struct {
	text string
	at   int
}

// gramAt is the gram that starts at a byte of text.
func gramAt(text string, at int) uint64 {
	b := text[at : at+gram]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// add has text looked for. A URL in a secret's place shares its pieces with every other, and is not.
func (p *pieces) add(text string) {
	if len(text) < minPiece || strings.Contains(text, "://") {
		return
	}
	if p.grams == nil {
		p.grams = map[uint64][]spot{}
	}
	for at := 0; at+gram <= len(text); at += gram {
		g := gramAt(text, at)
		p.grams[g] = append(slices.Clip(p.grams[g]), spot{text, at})
		p.sieve.add(g)
	}
}

// in is where text holds the first piece, and how many bytes of it; size is 0 for nowhere.
func (p pieces) in(text string) (at, size int) {
	for i := 0; p.grams != nil && i+gram <= len(text); i++ {
		g := gramAt(text, i)
		if !p.sieve.has(g) {
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
			if before+after >= minPiece {
				return i - before, before + after
			}
		}
	}
	return 0, 0
}

// lower is text with A to Z in lower case, byte by byte, so that places in it are places in text. Case is no disguise: host
// names lose it, and a GUID is the same without.
func lower(text string) string {
	out := []byte(text)
	for i, b := range out {
		out[i] = lowered(b)
	}
	return string(out)
}

func lowered(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
