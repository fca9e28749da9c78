//go:build !race

package suites_test

// raceBuilt tells whether the race detector watches this run.
const raceBuilt = false
