package output

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/halocheck/halocheck/internal/filelock"
	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// temporaryMark is in the name of each temporary file: ".report.json.halocheck-2Y6GMH2XDM2YQ7SPRUQM7MWW2K".
const temporaryMark = ".halocheck-"

var temporaryName = lazyregexp.New(`^\..+\.halocheck-[A-Z2-7]{26}$`)

func newTemporaryName(base string) string { return "." + base + temporaryMark + rand.Text() }

// temporary is a file that stands beside its destination under another name until it is whole.
type temporary struct {
	root *os.Root // the folder
	name string   // in root
	file *os.File
	lock *os.File // held until the file has its final name, so that no other process takes it for a leftover
}

const maxTries = 10

// createTemporary creates a temporary file for a destination in root.
func createTemporary(root *os.Root, base string) (*temporary, error) {
	for tries := 1; ; tries++ {
		t := &temporary{root: root, name: newTemporaryName(base)}
		var err error
		if t.file, err = root.OpenFile(t.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return nil, err
		}
		if t.lock, err = root.Open(t.name); err == nil {
			_ = filelock.Lock(t.lock) // without locks nothing is taken for a leftover either
			if _, err = root.Lstat(t.name); err == nil {
				return t, nil
			}
		}
		t.discard() // another process took it for a leftover before it was locked
		if tries == maxTries {
			return nil, err
		}
	}
}

// commit gives the file its final name.
func (t *temporary) commit(base string) error {
	err := t.file.Close()
	if runtime.GOOS == "windows" {
		_ = t.lock.Close() // an open file cannot be renamed there
	}
	if err == nil {
		err = t.root.Rename(t.name, base)
	}
	if err != nil {
		_ = t.root.Remove(t.name)
	}
	_ = t.lock.Close()
	return err
}

func (t *temporary) discard() {
	_ = t.file.Close()
	_ = t.root.Remove(t.name)
	if t.lock != nil {
		_ = t.lock.Close()
	}
}

// Clean removes temporary files and folders that a killed halocheck left in a folder: those of a destination, or of all where
// base is empty. It leaves alone what a running process holds, and what another user owns.
func Clean(root *os.Root, base string) {
	folder, err := root.Open(".")
	if err != nil {
		return
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1) // what cannot be listed is not cleaned
	for _, name := range names {
		if !temporaryName().MatchString(name) || base != "" && !strings.HasPrefix(name, "."+base+temporaryMark) {
			continue
		}
		if info, err := root.Lstat(name); err == nil && isTrusted(info) && (info.IsDir() || info.Mode().IsRegular()) {
			removeLeftover(root, name)
		}
	}
}

func removeLeftover(root *os.Root, name string) {
	f, err := root.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	if filelock.Lock(f) == nil {
		_ = root.RemoveAll(name)
	}
}

// openFolder opens the folder of a file and returns the file's name in it.
func openFolder(file string) (*os.Root, string, error) {
	root, err := os.OpenRoot(filepath.Dir(file))
	return root, filepath.Base(file), err
}
