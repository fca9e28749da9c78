package independent_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// inBubble runs a check in virtual time, which begins in the year 2000 and is moved to today.
func inBubble(t *testing.T, run func()) {
	t.Helper()
	authorities() // keys and roots belong to the process, not to the bubble
	trusted()
	twoMegabytes()
	synctest.Test(t, func(*testing.T) {
		time.Sleep(time.Until(today))
		run()
	})
}

// instances is how many instances each property looks at: HALOCHECK_INSTANCES, or some.
func instances() int {
	if n, err := strconv.Atoi(os.Getenv("HALOCHECK_INSTANCES")); err == nil { // a test's size
		return n
	}
	if testing.Short() {
		return 40
	}
	return 150
}

// seeds are those to look at: one that HALOCHECK_SEED names, or as many as asked for.
func seeds() []uint64 {
	if one, err := strconv.ParseUint(os.Getenv("HALOCHECK_SEED"), 10, 64); err == nil { // a test's case
		return []uint64{one}
	}
	list := make([]uint64, instances())
	for i := range list {
		list[i] = uint64(i)
	}
	return list
}

// example is an instance at which something was wrong.
type example struct {
	seed    uint64
	because string
}

// tally counts what became of the requirements, and gathers what is wrong under a key, with the instances where it happened.
type tally struct {
	mu       sync.Mutex
	checks   int
	statuses map[probes.Status]int
	unknown  map[string]int
	wrong    map[string][]example
	most     int
	slowest  time.Duration
}

func newTally() *tally {
	return &tally{statuses: map[probes.Status]int{}, unknown: map[string]int{}, wrong: map[string][]example{}}
}

func (c *tally) count(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checks++
	c.most, c.slowest = max(c.most, len(o.requests)), max(c.slowest, o.took)
	for _, f := range o.findings {
		c.statuses[f.Status]++
		if f.Status == probes.Unknown || f.Status == probes.Blocked {
			c.unknown[fmt.Sprintf("%s %s %s%s", f.ID, f.Status, f.Cause, f.BlockedBy)]++
		}
	}
}

func (c *tally) blame(seed uint64, wrongs []wrong) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range wrongs {
		c.wrong[w.key] = append(c.wrong[w.key], example{seed, w.because})
	}
}

// report prints the counts, and fails with everything that is wrong, each kind once, with its first seed and the least that
// is uncommon about an instance where it still happens.
func (c *tally) report(t *testing.T, what string, again func(seed uint64, change func(*instance, *form)) []wrong) {
	t.Helper()
	judged := c.statuses[probes.Passed] + c.statuses[probes.Failed] + c.statuses[probes.NotApplicable]
	fmt.Printf("%s: %d instances; requirements: %d judged (%d pass, %d fail, %d not applicable), %d unknown, %d blocked; at most %d requests, %s\n",
		what, c.checks, judged, c.statuses[probes.Passed], c.statuses[probes.Failed], c.statuses[probes.NotApplicable],
		c.statuses[probes.Unknown], c.statuses[probes.Blocked], c.most, c.slowest)
	if testing.Verbose() {
		for _, key := range slices.SortedFunc(maps.Keys(c.unknown), func(a, b string) int { return c.unknown[b] - c.unknown[a] }) {
			fmt.Printf("  %6d %s\n", c.unknown[key], key)
		}
	}
	shrunk := 0
	for _, key := range slices.Sorted(maps.Keys(c.wrong)) {
		list := c.wrong[key]
		slices.SortFunc(list, func(a, b example) int { return cmp.Compare(a.seed, b.seed) })
		least := "HALOCHECK_SEED shrinks it"
		if shrunk++; shrunk <= 20 {
			inBubble(t, func() { least = shrink(list[0].seed, key, again) })
		}
		t.Errorf("%s: %d times, first HALOCHECK_SEED=%d\n    %s\n    because: %s", key, len(list), list[0].seed, least, list[0].because)
	}
}

// shrink takes from an instance all that is uncommon and not needed for what is wrong.
func shrink(seed uint64, key string, again func(uint64, func(*instance, *form)) []wrong) string {
	var changes []func(*instance, *form)
	var text string
	all := func(in *instance, f *form) {
		for _, change := range changes {
			change(in, f)
		}
		text = describe(in, *f)
	}
	holds := func() bool { return slices.ContainsFunc(again(seed, all), func(w wrong) bool { return w.key == key }) }
	try := func(change func(*instance, *form)) {
		before, was := changes, text
		changes = append(slices.Clone(changes), change)
		if !holds() {
			changes, text = before, was
		}
	}
	if !holds() {
		return "it did not happen again: " + text
	}
	for i := range reflect.TypeFor[form]().NumField() {
		if name := reflect.TypeFor[form]().Field(i).Name; name == "Resource" || name == "Auth" || name == "AuthPath" {
			continue
		}
		try(func(_ *instance, f *form) {
			reflect.ValueOf(f).Elem().Field(i).Set(reflect.ValueOf(plainForm).Field(i))
		})
	}
	try(func(in *instance, _ *form) { in.typedTenant = nil })
	try(func(in *instance, _ *form) { in.adminGiven = false })
	try(func(in *instance, _ *form) { in.teamsWanted = nil })
	try(func(in *instance, _ *form) { in.own, in.roles = in.merged(), nil })
	try(func(in *instance, _ *form) { in.rows = 3 })
	return text
}

// each runs one check for each seed, some at a time.
func each(t *testing.T, check func(t *testing.T, seed uint64)) {
	t.Helper()
	list := seeds()
	var next atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for range runtime.GOMAXPROCS(0) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for {
					i := int(next.Add(1)) - 1
					if i >= len(list) {
						return
					}
					check(t, list[i])
				}
			})
		}
	})
}

// TestHealthyInstancesAreNotAccused draws instances that satisfy the guide, each saying so in a form of its own.
func TestHealthyInstancesAreNotAccused(t *testing.T) {
	c := newTally()
	check := func(seed uint64, change func(*instance, *form)) []wrong {
		r := random(seed)
		in := drawInstance(r)
		f := drawForm(r, in)
		change(in, &f)
		s := start(in, f, newMemoryNetwork())
		defer s.close()
		o := s.check()
		c.count(o)
		return judgeHealthy(s, o)
	}
	each(t, func(t *testing.T, seed uint64) {
		inBubble(t, func() { c.blame(seed, check(seed, func(*instance, *form) {})) })
	})
	c.report(t, "healthy", check)
}

// TestOneFaultIsNamedOrUnknown draws healthy instances and breaks one thing of each.
func TestOneFaultIsNamedOrUnknown(t *testing.T) {
	c := newTally()
	list := faults()
	check := func(seed uint64, change func(*instance, *form)) []wrong {
		r := random(seed)
		b := list[seed%uint64(len(list))]
		in := drawInstance(r)
		f := drawForm(r, in)
		for b.fits != nil && !b.fits(in, f) {
			in = drawInstance(r)
			f = drawForm(r, in)
		}
		change(in, &f)
		onServer := b.change(r, in, &f)
		s := start(in, f, newMemoryNetwork())
		defer s.close()
		if onServer != nil {
			onServer(s)
		}
		o := s.check()
		c.count(o)
		return judgeBroken(s, o, b)
	}
	each(t, func(t *testing.T, seed uint64) {
		inBubble(t, func() { c.blame(seed, check(seed, func(*instance, *form) {})) })
	})
	c.report(t, "one fault", check)
}

// describe names what is uncommon about an instance and its form.
func describe(in *instance, f form) string {
	typed := ""
	if in.typedTenant != nil {
		typed = fmt.Sprintf(" typed-tenant=%q", *in.typedTenant)
	}
	return fmt.Sprintf("hosted=%t tenant=%q%s typed-auth=%q own=%v roles=%d three-steps=%t admin=%t scopes+%d rows=%d teams=%d/%d wanted=%q | %s", in.hosted, in.tenant, typed, in.typedAuth,
		in.own, len(in.roles), in.threeSteps, in.adminGiven, len(in.scopes)-len(guideScopes), in.rows, len(in.member), len(in.teams), in.teamsWanted, f)
}
