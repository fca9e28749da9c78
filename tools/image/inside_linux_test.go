package main

import (
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// inside is a command in an unpacked image: its root, its user, its environment, and no capability. Without root's rights a user
// namespace gives them to it.
func inside(t *testing.T, root string, config v1.Config, args ...string) *exec.Cmd {
	t.Helper()
	args = slices.Concat(config.Entrypoint, config.Cmd, args)
	c := exec.Command(args[0], args[1:]...)
	c.Env, c.Dir = config.Env, config.WorkingDir
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532, NoSetGroups: true}}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getgid(), Size: 1}}
		for _, dir := range []string{root, root + "/tmp"} { // they are the user's own here, and a read-only root has to be one
			if err := os.Chmod(dir, 0o555); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
		}
	}
	return c
}
