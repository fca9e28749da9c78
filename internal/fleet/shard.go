package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Shard is a part of a fleet. The zero value is not one: a whole fleet is shard 1 of 1.
type Shard struct {
	Index int `json:"index"` // from 1
	Of    int `json:"of"`
}

// maxShards bounds how many parts a fleet has.
const maxShards = 10_000

// Whole is a fleet in one part.
var Whole = Shard{1, 1}

// ParseShard reads I/N, counted from 1.
func ParseShard(text string) (Shard, error) {
	left, right, ok := strings.Cut(text, "/")
	i, errI := strconv.Atoi(left)
	n, errN := strconv.Atoi(right)
	s := Shard{i, n}
	if !ok || errI != nil || errN != nil || !s.valid() {
		return Shard{}, fmt.Errorf("%q is not I/N with I from 1 to N, such as 2/3", text)
	}
	return s, nil
}

func (s Shard) valid() bool { return s.Of >= 1 && s.Of <= maxShards && s.Index >= 1 && s.Index <= s.Of }

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Contains tells whether an instance belongs to the shard. It depends on the name alone, so an entry that is added or removed
// moves no other; another number of shards moves as few as possible (Lamping and Veach, "A fast, minimal memory,
// consistent hash algorithm", 2014).
func (s Shard) Contains(name string) bool {
	sum := sha256.Sum256([]byte(name))
	key := binary.BigEndian.Uint64(sum[:8])
	at, next := int64(-1), int64(0)
	for next < int64(s.Of) {
		at = next
		key = key*2862933555777941757 + 1
		next = int64(float64(at+1) * (float64(1<<31) / float64(key>>33+1)))
	}
	return at == int64(s.Index-1)
}

// Select is the instances that belong to the shard, in their order.
func (s Shard) Select(all []Instance) []Instance {
	var mine []Instance
	for _, i := range all {
		if s.Contains(i.Name) {
			mine = append(mine, i)
		}
	}
	return mine
}
