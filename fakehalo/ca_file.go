package fakehalo

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/halocheck/halocheck/internal/filelock"
)

// caFilePattern names the files with the fakes' roots, in the folder for temporary files.
const caFilePattern = "fakehalo-roots-*.pem"

// writeRoots keeps the roots that clients can be given, in a file as well. Where no file can be written, as in a container whose
// file system is read-only, CAFile stays empty, and they are at the admin listener alone.
func (s *Server) writeRoots(roots []*x509.Certificate) {
	s.CAPool = x509.NewCertPool()
	if s.options.PlainHTTP {
		return
	}
	for _, c := range roots {
		s.CAPool.AddCert(c)
		s.CAPEM = append(s.CAPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	cleanCAFiles()
	f, err := createCAFile()
	if err != nil {
		return
	}
	s.onClose(func() {
		_ = f.Close() // an open file cannot be removed on Windows
		_ = os.Remove(f.Name())
	})
	if _, err := f.Write(s.CAPEM); err == nil {
		s.CAFile = f.Name()
	}
}

// createCAFile creates the file, locked until Close, so that other fakes do not take it for a leftover.
func createCAFile() (*os.File, error) {
	for {
		f, err := os.CreateTemp("", caFilePattern)
		if err != nil {
			return nil, err
		}
		_ = filelock.Lock(f) // without locks nothing is taken for a leftover
		if _, err := os.Lstat(f.Name()); !errors.Is(err, os.ErrNotExist) {
			return f, nil
		}
		_ = f.Close() // another fake took it for a leftover before it was locked
	}
}

// cleanCAFiles removes the files of fakes that were killed, once in a process.
var cleanCAFiles = sync.OnceFunc(func() {
	files, _ := filepath.Glob(filepath.Join(os.TempDir(), caFilePattern)) // the pattern is a literal
	for _, file := range files {
		_ = removeUnlocked(file)
	}
})

func removeUnlocked(file string) error {
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, os.ErrInvalid)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := filelock.Lock(f); err != nil {
		return err
	}
	return os.Remove(file)
}
