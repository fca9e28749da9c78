// Package jobs checks an inventory every night, on River: a job is one host whose rate counts, with all of its entries, so that
// the rate holds over all workers. The result of an entry is kept under the night and its name, so that a job that is worked on
// twice judges nothing twice.
package jobs
