//go:build unix

package selfproof_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/halocheck/halocheck/internal/settings"
)

// fileReaders are the commands that read a file of the user's, by the setting that names it. %s is the file, a folder for
// recording, %r the folders of runs, and %n an inventory that names the file.
var fileReaders = map[string][]string{
	"--config":     {"check", "--fake", "healthy", "--config", "%s"},
	"--waive":      {"check", "--fake", "healthy", "--waive", "%s"},
	"--guide":      {"check", "--fake", "healthy", "--guide", "%s"},
	"--plan":       {"check", "--fake", "healthy", "--plan", "%s"},
	"--scenario":   {"fake", "--scenario", "%s"},
	"--replay":     {"fake", "--replay", "%s"},
	"inventory":    {"fleet", "%s"},
	"integrations": {"fleet", "%n"},
	"results":      {"fleet", "merge", "%s"},
	"--against":    {"fleet", "merge", "%s", "--against", "%s"},
	"--runs":       {"fleet", "merge", "--runs", "%r"},
	"judge":        {"judge", "%s"},
	"diff":         {"diff", "%s", "%s"},
	"bundle":       {"judge", "%s.zip"},
	"judge guide":  {"judge", "../../fixtures/reports/v1-healthy.json", "--guide", "%s"},
	"list":         {"list", "--guide", "%s"},
	"explain":      {"explain", "trust.chain", "--guide", "%s"},
	"--ca-file":    {"check", "https://localhost:9", "--ca-file", "%s"},
	"secret":       {"check", "https://localhost:9", "--client-id", aClientID, "--client-secret-file", "%s"},
	"admin":        {"check", "https://localhost:9", "--admin-client-id", aClientID, "--admin-secret-file", "%s"},
	"token":        {"check", "https://localhost:9", "--halocheckd", "https://localhost:9", "--halocheckd-token-file", "%s", "--via", "halocheckd:a"},
	"resumed":      {"fleet", "%i", "--results", "%s", "--resume"},
	"of a fleet":   {"fleet", "%i", "--against", "%s"},
	"merge waits":  {"fleet", "merge", "../../fixtures/reports/v1-healthy.json", "%s"},
	"state":        {"fake", "--state", "%s"},
}

// aClientID has the form of one.
const aClientID = "6f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b"

// notReadAlone are files of which a pipe is refused at once.
var notReadAlone = []string{"resumed", "state", "merge waits", "--runs"}

// expensiveFiles are patterns that make a parser use much memory or time, each up to a size in bytes.
var expensiveFiles = map[string]func(size int) string{
	"brackets":         func(size int) string { return strings.Repeat("[", size) },
	"lists":            func(size int) string { return "[" + strings.Repeat("[],", size/3) + "[]]" },
	"braces":           func(size int) string { return strings.Repeat("{a: ", size/4) },
	"anchors":          func(size int) string { return strings.Repeat("- &a x\n", size/7) },
	"keys":             func(size int) string { return numberedKeys(size, "k%d: v\n", "", "") },
	"keys of JSON":     func(size int) string { return numberedKeys(size, "\"k%d\":1,", "{", "\"k\":1}") },
	"lists in lists":   func(size int) string { return strings.Repeat("- ", size/2) },
	"entries":          func(size int) string { return "instances:\n" + strings.Repeat("- [\n", size/4) },
	"keys of an entry": func(size int) string { return numberedKeys(size, "    k%d: v\n", "instances:\n  - name: a\n", "") },
	"findings": func(size int) string {
		return `{"schema":"halocheck.report/v1","findings":[` + strings.Repeat("{},", size/3) + "{}]}"
	},
	"findings of results": func(size int) string {
		return sealed(`{"schema":"halocheck.fleet/v1","kind":"result","name":"a","findings":[` + strings.Repeat("{},", size/3) + "{}]}")
	},
}

func numberedKeys(size int, format, head, tail string) string {
	b := strings.Builder{}
	b.WriteString(head)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, format, n)
	}
	return b.String() + tail
}

// sealed is a line of a results file with its checksum.
func sealed(line string) string {
	return fmt.Sprintf(`%s,"checksum":"sha256:%x"}`+"\n", line[:len(line)-1], sha256.Sum256([]byte(line)))
}

// zipped is a bundle that holds one file.
func zipped(report string) []byte {
	GinkgoHelper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"report.json": report, "manifest.json": report} {
		w, err := z.Create(name)
		Expect(err).NotTo(HaveOccurred())
		_, err = w.Write([]byte(text))
		Expect(err).NotTo(HaveOccurred())
	}
	Expect(z.Close()).To(Succeed())
	return b.Bytes()
}

// fileArguments puts a file, or the folder of a recording that it is, into a reader's arguments.
func fileArguments(args []string, file, folder string) []string {
	var out []string
	for _, a := range args {
		if strings.Contains(a, "%s") && args[len(args)-2] == "--replay" {
			a = folder
		}
		out = append(out, strings.NewReplacer("%s", file, "%i", filepath.Join(folder, "..", "fleet.yaml"), "%r", filepath.Join(folder, "run*"), "%n", filepath.Join(folder, "integrations.yaml")).Replace(a))
	}
	return out
}

// namedElsewhere makes a file the results of a nightly run in its folder, and a guide of an inventory there.
func namedElsewhere(folder, file string) {
	GinkgoHelper()
	inventory := fmt.Sprintf("instances: [{name: a, fake: healthy, integrations: [%q]}]\n", file)
	Expect(os.WriteFile(filepath.Join(folder, "integrations.yaml"), []byte(inventory), 0o600)).To(Succeed())
	Expect(os.Mkdir(filepath.Join(folder, "run-1"), 0o700)).To(Succeed())
	Expect(os.Link(file, filepath.Join(folder, "run-1", "part.jsonl"))).To(Succeed())
}

var _ = Describe("files that are expensive to parse", Label("files"), func() {
	It("are those of every setting that names a file", func() {
		var flags []string
		for _, args := range fileReaders {
			flags = append(flags, args...)
		}
		for _, row := range settings.All {
			switch {
			case row.Type != settings.File && row.Type != settings.SecretFile:
			case row.Scopes == settings.Inventory: // it is no flag
				Expect(fileReaders).To(HaveKey(row.Name), "say in fileReaders how it is read")
			default:
				Expect(flags).To(ContainElement("--"+row.Name), "say in fileReaders how it is read")
			}
		}
	})

	It("are refused with a sentence, for little time and memory", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary, dir := built(ctx), GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "fleet.yaml"), []byte("instances: [{name: a, fake: healthy}]\n"), 0o600)).To(Succeed())
		for kind, made := range expensiveFiles {
			for _, size := range []int{125 << 10, 10 << 20} {
				folder := filepath.Join(dir, fmt.Sprint(kind, size))
				file := filepath.Join(folder, "scenario.yaml")
				text := made(size)
				Expect(os.Mkdir(folder, 0o700)).To(Succeed())
				Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
				Expect(os.WriteFile(file+".zip", zipped(text), 0o600)).To(Succeed())
				namedElsewhere(folder, file)
				for reader, args := range fileReaders {
					what := fmt.Sprintf("%s of %d KiB as %s", kind, size>>10, reader)
					var said bytes.Buffer
					c := exec.CommandContext(ctx, binary, fileArguments(args, file, folder)...)
					c.Stderr = &said
					cost, err := measured(c)
					Expect(err).NotTo(HaveOccurred())
					Expect(c.ProcessState.ExitCode()).To(Equal(map[bool]int{false: 2, true: 4}[reader == "state"]), "%s: %s", what, said.String())
					Expect(said.String()).To(MatchRegexp(`^halocheck: [^\n]{10,400}\n$`), what)
					Expect(cost.peak>>20).To(BeNumerically("<=", 64), "%s: MiB of memory", what)
					Expect(cost.took-cost.starved).To(BeNumerically("<", 10*time.Second), "%s: usually a tenth of a second", what)
				}
				Expect(os.RemoveAll(folder)).To(Succeed())
			}
		}
	}, SpecTimeout(10*time.Minute))

	It("are left alone at the first signal, though nobody writes to a pipe", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary, dir := built(ctx), GinkgoT().TempDir()
		Expect(os.Mkdir(filepath.Join(dir, "in"), 0o700)).To(Succeed())
		pipe := filepath.Join(dir, "in", "scenario.yaml")
		Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
		Expect(syscall.Mkfifo(pipe+".zip", 0o600)).To(Succeed())
		namedElsewhere(filepath.Dir(pipe), pipe)
		Expect(os.WriteFile(filepath.Join(dir, "fleet.yaml"), []byte("instances: [{name: a, fake: healthy}]\n"), 0o600)).To(Succeed())
		for reader, args := range fileReaders {
			if slices.Contains(notReadAlone, reader) {
				continue
			}
			c := exec.CommandContext(ctx, binary, fileArguments(args, pipe, filepath.Join(dir, "in"))...)
			said := gbytes.NewBuffer() // read while the command may write
			c.Stderr = said
			Expect(c.Start()).To(Succeed())
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			Consistently(ended, "2s").ShouldNot(Receive(), "%s: it waits for the pipe: %s", reader, said.Contents())
			Expect(c.Process.Signal(syscall.SIGTERM)).To(Succeed())
			Eventually(ended, "20s").Should(Receive(), reader)
			Expect(string(said.Contents())).To(ContainSubstring("interrupted"), reader)
		}
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("reports of 57 MiB", Label("files"), func() {
	It("are read within 512 MiB, or refused with a sentence", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary, file := built(ctx), filepath.Join(GinkgoT().TempDir(), "large.json")
		saved, err := os.ReadFile("../../fixtures/reports/v1-healthy.json")
		Expect(err).NotTo(HaveOccurred())
		for kind, large := range map[string]string{
			"one text":    `"` + strings.Repeat("x", 57<<20) + `"`,
			"texts":       "[" + strings.Repeat(`"`+strings.Repeat("y", 4000)+`",`, 14_000) + `""]`,
			"values":      "[" + strings.Repeat("["+strings.Repeat(`{"a":1},`, 9000)+"1],", 100) + "1]",
			"more values": "[" + strings.Repeat("["+strings.Repeat("1,", 19_000)+"1],", 1500) + "1]",
		} {
			text := bytes.Replace(saved, []byte(`"evidence": {`), []byte(`"evidence": {"large":`+large+`,`), 1)
			Expect(len(text)).To(BeNumerically(">", len(large)))
			Expect(os.WriteFile(file, text, 0o600)).To(Succeed())
			for _, args := range [][]string{{"judge", file, "--format", "json"}, {"judge", file, "--format", "html"}, {"diff", file, file}} {
				var said bytes.Buffer
				c := exec.CommandContext(ctx, binary, args...)
				c.Stderr = &said
				cost, err := measured(c)
				Expect(err).NotTo(HaveOccurred())
				Expect(c.ProcessState.ExitCode()).To(BeElementOf(0, 2), "%s %q: %s", kind, args, said.String())
				Expect(cost.peak>>20).To(BeNumerically("<=", 512), "%s %q: MiB of memory", kind, args)
			}
		}
	}, SpecTimeout(5*time.Minute))
})
