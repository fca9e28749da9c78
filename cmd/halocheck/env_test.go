package main

import (
	"os"
	"strings"
	"testing"
)

// TestNoChildInheritsASecret: what a process is started with is what is left in the environment.
func TestNoChildInheritsASecret(t *testing.T) {
	for _, name := range []string{"HALO_CLIENT_SECRET", "HALO_ADMIN_CLIENT_SECRET"} {
		t.Setenv(name, "canary of "+name)
	}
	t.Setenv("HALO_TENANT", "acme")
	getenv := readEnvironment()
	if left := strings.Join(os.Environ(), "\n"); strings.Contains(left, "canary") || !strings.Contains(left, "HALO_TENANT=acme") {
		t.Errorf("a child inherits %s", left)
	}
	for name, want := range map[string]string{
		"HALO_CLIENT_SECRET": "canary of HALO_CLIENT_SECRET", "HALO_ADMIN_CLIENT_SECRET": "canary of HALO_ADMIN_CLIENT_SECRET", "HALO_TENANT": "acme", "HALO_CLIENT_ID": "",
	} {
		if got := getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
