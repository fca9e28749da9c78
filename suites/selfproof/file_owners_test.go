//go:build unix

package selfproof_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// fileWriters are the commands that write a file or folder of the user's; %s is its name, %d a folder of the user's own.
var fileWriters = map[string][]string{
	"--out json":       {"check", "--fake", "healthy", "--only", "network.*", "--out", "json=%s"},
	"--out html":       {"check", "--fake", "healthy", "--only", "network.*", "--out", "html=%s"},
	"--out bundle":     {"check", "--fake", "healthy", "--only", "network.*", "--out", "bundle=%s"},
	"judge --out":      {"judge", "%d/report.json", "--out", "junit=%s"},
	"fleet --results":  {"fleet", "%d/fleet.yaml", "--results", "%s"},
	"fleet --resume":   {"fleet", "%d/fleet.yaml", "--results", "%s", "--resume"},
	"fleet --out json": {"fleet", "%d/fleet.yaml", "--out", "json=%s"},
	"fleet --out html": {"fleet", "%d/fleet.yaml", "--out", "html=%s"},
	"fleet --metrics":  {"fleet", "%d/fleet.yaml", "--metrics", "%s"},
	"merge --results":  {"fleet", "merge", "%d/results.jsonl", "--results", "%s"},
	"fake --state":     {"fake", "--state", "%s"},
}

// folderWriters write a folder.
var folderWriters = map[string][]string{
	"fleet --reports": {"fleet", "%d/fleet.yaml", "--reports", "%s"},
}

// The two users. The first has put something into a shared folder before the second writes there.
const (
	attacker = 4242
	victim   = 4243
)

// sharedFolder is a folder with the sticky bit, as /tmp is, with a copy of the command in reach of every user.
type sharedFolder struct {
	binary, shared, own string
}

func newSharedFolder(ctx context.Context, uid int) sharedFolder {
	GinkgoHelper()
	if os.Getuid() != 0 {
		Skip("only root can be two users")
	}
	base, err := os.MkdirTemp("", "two-users")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, base)
	s := sharedFolder{filepath.Join(base, "halocheck"), filepath.Join(base, "shared"), filepath.Join(base, "own")}
	Expect(os.Chmod(base, 0o755)).To(Succeed())
	out, err := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "../../cmd/halocheck").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	Expect(os.Mkdir(s.shared, 0o700)).To(Succeed())
	Expect(os.Chmod(s.shared, os.ModeSticky|0o777)).To(Succeed())
	Expect(os.Mkdir(s.own, 0o700)).To(Succeed())
	for _, name := range []string{"fleet.yaml", "report.json", "results.jsonl", "kept"} {
		Expect(os.WriteFile(filepath.Join(s.own, name), []byte("version: 1\ninstances: [{name: a, fake: healthy, only: network.*}]\n"), 0o600)).To(Succeed())
	}
	data, err := os.ReadFile("../../fixtures/reports/v1-healthy.json")
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(filepath.Join(s.own, "report.json"), data, 0o600)).To(Succeed())
	Expect(os.Remove(filepath.Join(s.own, "results.jsonl"))).To(Succeed())
	Expect(filepath.Walk(s.own, func(name string, _ os.FileInfo, err error) error {
		return cmpOr(err, os.Chown(name, uid, uid))
	})).To(Succeed())
	_, said := s.run(ctx, uid, []string{"fleet", "%d/fleet.yaml", "--results", "%s"}, filepath.Join(s.own, "results.jsonl"))
	Expect(filepath.Join(s.own, "results.jsonl")).To(BeAnExistingFile(), said)
	return s
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs the command as a user until it ends; a fake ends by a signal once it serves.
func (s sharedFolder) run(ctx context.Context, uid int, args []string, name string) (exit int, said string) {
	GinkgoHelper()
	ctx, stop := context.WithTimeout(ctx, time.Minute) // a hang bound
	defer stop()
	var full []string
	for _, a := range args {
		full = append(full, strings.ReplaceAll(strings.ReplaceAll(a, "%s", name), "%d", s.own))
	}
	c := exec.CommandContext(ctx, s.binary, full...)
	c.Dir = s.own
	c.Env = []string{"HOME=" + s.own, "TMPDIR=" + s.own, "PATH=" + os.Getenv("PATH")}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	var out bytes.Buffer
	c.Stderr = &out
	stdout, err := c.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(c.Start()).To(Succeed())
	first := make([]byte, 1)
	if n, _ := stdout.Read(first); n > 0 && args[0] == "fake" {
		Expect(c.Process.Signal(syscall.SIGTERM)).To(Succeed())
	}
	for buffer := make([]byte, 1<<16); ; {
		if _, err := stdout.Read(buffer); err != nil {
			break
		}
	}
	_ = c.Wait()
	return c.ProcessState.ExitCode(), out.String()
}

// leftBehind are the temporary files in a folder.
func leftBehind(folder string) []string {
	GinkgoHelper()
	entries, err := os.ReadDir(folder)
	Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, e := range entries {
		if strings.Contains(e.Name(), ".halocheck-") {
			names = append(names, e.Name())
		}
	}
	return names
}

var _ = Describe("a folder that several users write to", Label("files"), func() {
	for _, uid := range []int{victim, 0} {
		who := map[int]string{victim: "a user", 0: "root"}[uid]
		It("lets nobody make "+who+" write elsewhere", func(ctx SpecContext) {
			notUnderRace(unwatched)
			s := newSharedFolder(ctx, uid)
			kept, target := filepath.Join(s.own, "kept"), filepath.Join(s.shared, "target")
			before, err := os.ReadFile(kept)
			Expect(err).NotTo(HaveOccurred())
			traps := map[string]func(string) error{
				"a link to a file":  func(name string) error { return cmpOr(os.Symlink(kept, name), os.Lchown(name, attacker, attacker)) },
				"a link to nowhere": func(name string) error { return cmpOr(os.Symlink(target, name), os.Lchown(name, attacker, attacker)) },
				"a pipe": func(name string) error {
					return cmpOr(syscall.Mkfifo(name, 0o666), os.Chmod(name, 0o666), os.Chown(name, attacker, attacker))
				},
				"a file of anybody's": func(name string) error {
					return cmpOr(os.WriteFile(name, nil, 0o666), os.Chmod(name, 0o666), os.Chown(name, attacker, attacker))
				},
			}
			for writer, args := range fileWriters {
				for trap, set := range traps {
					if trap == "a file of anybody's" && uid == 0 && !strings.Contains(writer, "--re") && writer != "fake --state" {
						continue // root may replace it, and the new file is root's
					}
					name := filepath.Join(s.shared, "halo")
					Expect(set(name)).To(Succeed())
					exit, said := s.run(ctx, uid, args, name)
					Expect(exit).To(Equal(2), "%s on %s: %s", writer, trap, said)
					Expect(said).To(ContainSubstring("another user"), "%s on %s", writer, trap)
					Expect(os.ReadFile(kept)).To(Equal(before), "%s on %s", writer, trap)
					Expect(target).NotTo(BeAnExistingFile(), "%s on %s", writer, trap)
					Expect(leftBehind(s.shared)).To(BeEmpty())
					Expect(os.Remove(name)).To(Succeed())
				}
			}
			for writer, args := range folderWriters {
				name := filepath.Join(s.shared, "halo")
				Expect(cmpOr(os.Symlink(s.own, name), os.Lchown(name, attacker, attacker))).To(Succeed())
				exit, said := s.run(ctx, uid, args, name)
				Expect(exit).To(Equal(2), "%s: %s", writer, said)
				Expect(said).To(ContainSubstring("another user"), writer)
				Expect(filepath.Join(s.own, "a.json")).NotTo(BeAnExistingFile())
				Expect(os.Remove(name)).To(Succeed())
			}
			link := filepath.Join(s.shared, "folder") // on the way to the file
			Expect(cmpOr(os.Symlink(s.own, link), os.Lchown(link, attacker, attacker))).To(Succeed())
			exit, said := s.run(ctx, uid, fileWriters["--out json"], filepath.Join(link, "kept"))
			Expect(exit).To(Equal(2), said)
			Expect(os.ReadFile(kept)).To(Equal(before))
		}, SpecTimeout(10*time.Minute))
	}

	It("keeps links, pipes and files of one's own working", func(ctx SpecContext) {
		notUnderRace(unwatched)
		s := newSharedFolder(ctx, victim)
		for writer, args := range fileWriters {
			name := filepath.Join(s.shared, "halo")
			Expect(cmpOr(os.Symlink(filepath.Join(s.own, "new"), name), os.Lchown(name, victim, victim))).To(Succeed())
			exit, said := s.run(ctx, victim, args, name)
			Expect(exit).To(BeElementOf(0, 3), "%s: %s", writer, said)
			info, err := os.Stat(filepath.Join(s.own, "new"))
			Expect(err).NotTo(HaveOccurred(), writer)
			mode := map[bool]os.FileMode{false: 0o600, true: 0o644}[writer == "fleet --metrics"]
			Expect(info.Mode()).To(Equal(mode), writer)
			Expect(cmpOr(os.Remove(name), os.Remove(filepath.Join(s.own, "new")))).To(Succeed())
		}
		for _, name := range []string{"/dev/stdout", "/dev/stderr", "/dev/null"} {
			exit, said := s.run(ctx, victim, fileWriters["--out json"], name)
			Expect(exit).To(BeElementOf(0, 3), "%s: %s", name, said)
		}
		name := filepath.Join(s.shared, "pipe")
		Expect(cmpOr(syscall.Mkfifo(name, 0o600), os.Chown(name, victim, victim))).To(Succeed())
		read := make(chan string, 1)
		go func() {
			data, _ := os.ReadFile(name)
			read <- string(data)
		}()
		exit, said := s.run(ctx, victim, fileWriters["--out json"], name)
		Expect(exit).To(BeElementOf(0, 3), said)
		Eventually(read, "20s").Should(Receive(ContainSubstring("halocheck.report/v1")))
	}, SpecTimeout(10*time.Minute))
})

var _ = Describe("what a killed halocheck leaves", Label("files"), func() {
	It("is removed by the next one, and what a running one needs is not", func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary, dir := built(ctx), GinkgoT().TempDir()
		silent, err := net.Listen("tcp", "127.0.0.1:0") // never answers, so that a check waits
		Expect(err).NotTo(HaveOccurred())
		defer silent.Close()
		url := "https://" + silent.Addr().String()
		Expect(os.WriteFile(filepath.Join(dir, "fleet.yaml"), []byte("instances:\n- {name: a, url: \""+url+"\"}\n"), 0o600)).To(Succeed())
		for name, args := range map[string][]string{
			"report":  {"check", url, "--out", "json=report"},
			"summary": {"fleet", "fleet.yaml", "--out", "json=summary"},
			"rec":     {"record", url, "rec"},
			"fake":    {"fake"},
		} {
			folder := filepath.Join(dir, name+"-files")
			Expect(os.Mkdir(folder, 0o700)).To(Succeed())
			start := func() *exec.Cmd {
				c := exec.CommandContext(ctx, binary, args...)
				c.Dir, c.Env = dir, append(os.Environ(), "TMPDIR="+folder)
				Expect(c.Start()).To(Succeed())
				return c
			}
			left := func() (names []string) {
				for _, pattern := range []string{dir + "/." + name + ".halocheck-*", folder + "/*"} {
					found, err := filepath.Glob(pattern)
					Expect(err).NotTo(HaveOccurred())
					names = append(names, found...)
				}
				return names
			}
			killed := start()
			Eventually(left, "20s").Should(HaveLen(1), name)
			first := left()
			Expect(killed.Process.Kill()).To(Succeed())
			_ = killed.Wait()
			Expect(left()).To(Equal(first), "%s: it had no time to remove it", name)
			running := start()
			Eventually(left, "20s").Should(And(HaveLen(1), Not(Equal(first))), name)
			second := left()
			another := start()
			Eventually(left, "20s").Should(And(HaveLen(2), ContainElement(second[0])), "%s: of a running process", name)
			for _, c := range []*exec.Cmd{running, another} {
				Expect(c.Process.Signal(syscall.SIGTERM)).To(Succeed())
				_ = c.Wait()
			}
			Expect(left()).To(BeEmpty(), name)
		}
	}, SpecTimeout(5*time.Minute))
})
