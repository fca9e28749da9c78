package selfproof_test

import (
	"os"
	"path/filepath"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/record"
)

// recordings is where folders that `halocheck record` made become specs.
const recordings = "../../fixtures/recordings"

var _ = Describe("recordings", Label("recordings"), func() {
	folders, err := os.ReadDir(recordings)
	if err != nil {
		panic(err) // they are part of the repository
	}
	for _, folder := range folders {
		It("come to the findings that were recorded: "+folder.Name(), func() {
			differences := replay(filepath.Join(recordings, folder.Name()))
			Expect(differences).To(BeEmpty())
		})
	}

	It("are at least three, and the comparison is no formality", func() {
		Expect(len(folders)).To(BeNumerically(">=", 3))
		dir := GinkgoT().TempDir()
		for _, name := range []string{record.ScenarioFile, record.FindingsFile} {
			text, err := os.ReadFile(filepath.Join(recordings, "missing-intermediate", name))
			Expect(err).NotTo(HaveOccurred())
			if name == record.ScenarioFile {
				text = slices.Concat(text, []byte("injections:\n  - {operation: \"*\", status: 404}\n"))
			}
			Expect(os.WriteFile(filepath.Join(dir, name), text, 0o600)).To(Succeed())
		}
		Expect(replay(dir)).NotTo(BeEmpty())
	})
})

// replay serves a recording and checks it; what is returned are the findings that came out otherwise than recorded. Those
// that the recorder could not hold do not count.
func replay(dir string) []record.Mismatch {
	GinkgoHelper()
	file := filepath.Join(dir, record.ScenarioFile)
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	options, err := fakehalo.ReadRecording(file, text)
	Expect(err).NotTo(HaveOccurred())
	told, err := os.ReadFile(filepath.Join(dir, record.FindingsFile))
	Expect(err).NotTo(HaveOccurred())
	findings, err := record.ReadFindings(told)
	Expect(err).NotTo(HaveOccurred())
	Expect(findings.Expected).NotTo(BeEmpty())
	server, err := fakehalo.StartWith(options)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	s := session(server)
	return slices.DeleteFunc(record.Compare(findings.Expected, record.ExpectedFindings(check(s), s.Target.Resource)), func(d record.Mismatch) bool {
		return slices.Contains(findings.NotReproduced, d.Want)
	})
}
