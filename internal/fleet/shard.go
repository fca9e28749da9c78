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

// Unsharded is a fleet in one part.
var Unsharded = Shard{1, 1}

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

// ChooseShard is the part of the fleet that this run has: I/N, or of a number of shards the one that JOB_COMPLETION_INDEX
// names, or the whole.
func ChooseShard(typed string, shards int, getenv func(string) string) (Shard, error) {
	switch {
	case typed != "" && shards != 0:
		return Shard{}, fmt.Errorf("--shard says the number of shards already; leave --shards out")
	case typed != "":
		s, err := ParseShard(typed)
		if err != nil {
			return s, fmt.Errorf("--shard: %w", err)
		}
		return s, nil
	case shards == 0:
		return Unsharded, nil
	}
	index := getenv("JOB_COMPLETION_INDEX")
	i, err := strconv.Atoi(index)
	if err != nil {
		return Shard{}, fmt.Errorf("--shards needs JOB_COMPLETION_INDEX, which an Indexed Job sets to a number; elsewhere use --shard I/N")
	}
	s, err := ParseShard(fmt.Sprintf("%d/%d", i+1, shards))
	if err != nil {
		return s, fmt.Errorf("--shards %d: JOB_COMPLETION_INDEX is %d, and counts from 0 to one less than the shards", shards, i)
	}
	return s, nil
}
