// Package fleet checks many instances: it reads the inventory, schedules the checks within rate limits, appends each result
// to a results file, merges the files of shards, and compares a run with an earlier one. The caller provides the check.
package fleet
