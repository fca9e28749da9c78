//go:build !unix

package output

import "io/fs"

const noFollow = 0

// isTrusted is true: this system has no owners of the kind that is meant.
func isTrusted(fs.FileInfo) bool { return true }
