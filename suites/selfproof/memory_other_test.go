//go:build !unix

package selfproof_test

import "os"

// maxMemory is 0: this system does not tell.
func maxMemory(*os.ProcessState) int64 { return 0 }
