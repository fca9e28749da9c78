// Package browser readies Chromium for tests: Node.js drives it, by two packages from npm.
package browser

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/halocheck/halocheck/internal/filelock"
)

//go:embed package.json package-lock.json *.mjs
var files embed.FS

// ErrMissing is wrapped where a program is not installed.
var ErrMissing = errors.New("it is not installed")

// Prepare writes the programs of this folder beneath dir, where Node.js finds the packages, and returns theirs and the browser's path.
// The packages are fetched once, into a folder of the user's cache; several processes may do so at once.
func Prepare(ctx context.Context) (dir, chromium string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		return "", "", fmt.Errorf("Chromium: %w: apt-get install chromium", ErrMissing)
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", "", fmt.Errorf("%s drives the browser: %w: apt-get install nodejs npm", program, ErrMissing)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", err
	}
	packages := filepath.Join(cache, "halocheck", "report-browser")
	if err := install(ctx, packages); err != nil {
		return "", "", err
	}
	if dir, err = os.MkdirTemp(packages, "run-"); err != nil {
		return "", "", err
	}
	return dir, chromium, os.CopyFS(dir, files)
}

// install fetches the packages that the lock file names, unless they are there.
func install(ctx context.Context, packages string) error {
	if err := os.MkdirAll(packages, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(packages, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for errors.Is(filelock.Lock(f), filelock.ErrLocked) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	wanted, err := files.ReadFile("package-lock.json")
	if err != nil {
		return err
	}
	if installed, err := os.ReadFile(filepath.Join(packages, "installed.json")); err == nil && bytes.Equal(installed, wanted) {
		return nil
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := files.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(packages, name), text, 0o600)
		}
		if err != nil {
			return err
		}
	}
	c := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	c.Dir = packages
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return os.WriteFile(filepath.Join(packages, "installed.json"), wanted, 0o600)
}
