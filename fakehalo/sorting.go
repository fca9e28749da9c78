package fakehalo

import (
	"cmp"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// sortKey decides nearly every comparison without a look at the row.
type sortKey struct {
	first, second, third uint64
	at                   int // among the rows of its part, which stand in the order of their keys
}

// keyOf makes the sort key of a cell: a number, or the first 23 letters of a text, which a date does not have more of. The last byte
// of third is 1 where equal keys do not show that texts are equal.
func keyOf(cell any, at int) sortKey {
	key := sortKey{at: at}
	switch x := cell.(type) {
	case int:
		key.first = uint64(x) ^ 1<<63
	case float64:
		if key.first = math.Float64bits(x) | 1<<63; x < 0 {
			key.first = ^math.Float64bits(x)
		}
	case bool:
		key.first = uint64(number(x))
	case string:
		var letters [24]byte
		copy(letters[:23], x)
		if len(x) > 23 || strings.IndexByte(x, 0) >= 0 {
			letters[23] = 1
		}
		key.first, key.second, key.third = lowerAll(letters[:8]), lowerAll(letters[8:16]), lowerAll(letters[16:])
	}
	return key
}

// lowerAll is eight bytes as one number, with the capital letters of ASCII made small.
func lowerAll(b []byte) uint64 {
	const each, high = 0x0101010101010101, 0x8080808080808080
	x := binary.BigEndian.Uint64(b)
	low := x &^ high
	fromA, afterZ := low+each*(0x80-'A'), low+each*(0x7f-'Z') // the high bit of each byte tells
	return x | (^x&(fromA^afterZ)&high)>>2
}

// sortPart is a share of a table's rows that one goroutine selects and sorts; it is used again, since there is a megabyte of it for
// every 25,000 rows.
type sortPart struct {
	rows []*row
	keys []sortKey
}

var sortParts = sync.Pool{New: func() any { return new(sortPart) }}

// A part has at least so many rows, and a selection at most so many parts.
const (
	minPart  = 4096
	maxParts = 4
)

// sorted are the rows that keep accepts, in order. The caller holds mu.
func (t *table) sorted(keep func(*row) bool, o ordering) []*row {
	parts := make([]*sortPart, max(1, min(maxParts, runtime.GOMAXPROCS(0), len(t.rows)/minPart)))
	var each sync.WaitGroup
	for n := range parts {
		parts[n] = sortParts.Get().(*sortPart)
		each.Go(func() { parts[n].sort(t.rows[n*len(t.rows)/len(parts):(n+1)*len(t.rows)/len(parts)], keep, o) })
	}
	each.Wait()
	total := 0
	for _, p := range parts {
		total += len(p.rows)
	}
	out := make([]*row, 0, total)
	if o.column < 0 {
		for _, p := range parts {
			out = append(out, p.rows...)
		}
		if o.down {
			slices.Reverse(out)
		}
	} else {
		out = o.merge(out, parts)
	}
	for _, p := range parts {
		clear(p.rows)
		sortParts.Put(p)
	}
	return out
}

// sort takes the rows that keep accepts, and puts their keys in order.
func (p *sortPart) sort(rows []*row, keep func(*row) bool, o ordering) {
	p.rows, p.keys = slices.Grow(p.rows[:0], len(rows)), slices.Grow(p.keys[:0], len(rows))
	for _, r := range rows {
		if !keep(r) {
			continue
		}
		if o.column >= 0 {
			p.keys = append(p.keys, keyOf(r.cells[o.column], len(p.rows)))
		}
		p.rows = append(p.rows, r)
	}
	slices.SortFunc(p.keys, func(a, b sortKey) int {
		if c := o.compareKeys(p, &a, p, &b); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
}

// compareKeys orders two keys of two parts; 0 where nothing but the order of the rows tells them apart.
func (o ordering) compareKeys(p *sortPart, a *sortKey, q *sortPart, b *sortKey) int {
	c := cmp.Compare(a.first, b.first)
	if c == 0 {
		c = cmp.Compare(a.second, b.second)
	}
	if c == 0 {
		c = cmp.Compare(a.third, b.third)
	}
	if c == 0 && byte(a.third) == 1 {
		c = compare(p.rows[a.at].cells[o.column], q.rows[b.at].cells[o.column])
	}
	return o.turned(c)
}

// merge appends the rows of sorted parts in order; of equal ones, those of an earlier part come first.
func (o ordering) merge(out []*row, parts []*sortPart) []*row {
	next := make([]int, len(parts))
	for {
		var least *sortPart
		at := 0
		for n, p := range parts {
			if next[n] < len(p.keys) && (least == nil || o.compareKeys(p, &p.keys[next[n]], least, &least.keys[next[at]]) < 0) {
				least, at = p, n
			}
		}
		if least == nil {
			return out
		}
		out = append(out, least.rows[least.keys[next[at]].at])
		next[at]++
	}
}
