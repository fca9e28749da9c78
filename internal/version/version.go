// Package version tells which halocheck this is.
package version

import "runtime/debug"

// linked is set by the linker in releases: -X github.com/halocheck/halocheck/internal/version.linked=v1.2.3.
var linked = "dev"

// String is the linker's version, else the module's own from `go install`, else "dev".
func String() string {
	if linked != "dev" {
		return linked
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return linked
}
