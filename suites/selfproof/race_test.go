//go:build race

package selfproof_test

// raceBuilt tells whether the race detector watches this run.
const raceBuilt = true
