// Package fleet checks many instances: an inventory says which, a schedule when, a results file keeps what was found,
// shards are joined and compared with an earlier run. It knows how to read and to wait; what a check is, it is told.
package fleet
