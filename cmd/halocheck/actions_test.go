package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// action is a composite action as GitHub reads it.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, Shell, Run string
			Env            map[string]string
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ (inputs|steps)\.([a-z-]+)(?:\.outputs\.([a-z_-]+))? \}\}`)

// runAction does the steps of an action one after the other, as a runner does: their scripts with bash, in an environment that has
// what GitHub sets and little else. It returns the outputs, and all that was printed.
func runAction(t *testing.T, name string, inputs map[string]string) (outputs map[string]string, log, summary string, err error) {
	t.Helper()
	path, err := filepath.Abs("../../deploy/github/" + name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil || a.Runs.Using != "composite" {
		t.Fatalf("%s: %v", name, err)
	}
	for given := range inputs {
		if _, ok := a.Inputs[given]; !ok {
			t.Fatalf("%s has no input %s", name, given)
		}
	}
	steps := map[string]map[string]string{}
	expand := func(value string) string {
		return expression.ReplaceAllStringFunc(value, func(found string) string {
			m := expression.FindStringSubmatch(found)
			if m[1] == "steps" {
				return steps[m[2]][m[3]]
			}
			if given, ok := inputs[m[2]]; ok {
				return given
			}
			return a.Inputs[m[2]].Default
		})
	}
	temp := t.TempDir()
	file := func(name string) string { return filepath.Join(temp, name) }
	for n, step := range a.Runs.Steps {
		if step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			t.Errorf("%s: step %d is not run by bash, or puts an input into its script", name, n)
		}
		script, output := file(fmt.Sprintf("step%d.sh", n)), file(fmt.Sprintf("output%d", n))
		if err := os.WriteFile(script, []byte(step.Run), 0o700); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		c.Dir = temp
		c.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + temp, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH=" + path, "GITHUB_OUTPUT=" + output,
			"GITHUB_STEP_SUMMARY=" + file("summary"), "GITHUB_PATH=" + file("path"), "RUNNER_TEMP=" + temp, "RUNNER_OS=Linux",
			"RUNNER_ARCH=" + map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH],
		}
		for key, value := range step.Env {
			c.Env = append(c.Env, key+"="+expand(value))
		}
		var said strings.Builder
		c.Stdout, c.Stderr = &said, &said
		err = c.Run()
		log += said.String()
		written, _ := os.ReadFile(output)
		steps[step.ID] = map[string]string{}
		for line := range strings.Lines(string(written)) {
			key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			if !ok {
				t.Errorf("%s: an output of several lines: %q", name, line)
			}
			steps[step.ID][key] = value
		}
		if err != nil {
			break
		}
	}
	outputs = map[string]string{}
	for name, o := range a.Outputs {
		outputs[name] = expand(o.Value)
	}
	text, _ = os.ReadFile(file("summary"))
	return outputs, log, string(text), err
}

// release makes a folder as the releases have one, with this checkout's program.
func release(t *testing.T, program, version string) string {
	t.Helper()
	root := t.TempDir()
	folder := filepath.Join(root, "v"+version)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("halocheck_%s_linux_%s.tar.gz", version, runtime.GOARCH)
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: "halocheck", Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(content)
	for _, closer := range []interface{ Close() error }{w, z, f} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"checksums.txt": fmt.Sprintf("%x  %s\n", sha256.Sum256(archive), name), "checksums.txt.sigstore.json": "{}"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestActions does what a workflow does with the actions: a fake, a check of it, and a download that is not what it should be.
func TestActions(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil || runtime.GOOS != "linux" {
		t.Skip("the steps of the actions need jq, and the test Linux")
	}
	if path, err := exec.LookPath("cosign"); err == nil {
		t.Skipf("%s would refuse the unsigned release of this test", path)
	}
	if testing.Short() {
		t.Skip("what runs here is a process of its own")
	}
	program := filepath.Join(t.TempDir(), "halocheck")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	releases := release(t, program, "1.2.3")
	download := map[string]string{"version": "v1.2.3", "releases": "file://" + releases}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(download)
		maps.Copy(all, more)
		return all
	}

	fake, log, _, err := runAction(t, "fake", with(map[string]string{"args": "--fault\nmissing-intermediate\n"}))
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	pid, err := strconv.Atoi(fake["pid"])
	if err != nil {
		t.Fatalf("the outputs are %v", fake)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = process.Signal(os.Interrupt) }()
	target := map[string]string{"url": fake["url"], "auth-url": fake["auth-url"], "tenant": fake["tenant"], "client-id": fake["client-id"], "client-secret": fake["client-secret"], "ca-file": fake["ca-file"], "args": "--aia=private"}
	for _, fail := range []string{"true", "false"} {
		target["fail"] = fail
		outputs, log, summary, err := runAction(t, "check", with(target))
		if (err != nil) != (fail == "true") || outputs["exit-code"] != "1" || outputs["outcome"] != "not-conformant" {
			t.Errorf("fail: %s: %v, %v\n%s", fail, err, outputs, log)
		}
		if !strings.Contains(log, "\n::error title=trust.chain missing_intermediate ") || !strings.Contains(summary, "missing_intermediate") {
			t.Errorf("no annotation, or no summary:\n%s\n%s", log, summary)
		}
		if strings.Contains(log+summary, fake["client-secret"]) {
			t.Error("the secret is told")
		}
	}
	outputs, log, _, err := runAction(t, "check", with(map[string]string{"args": "--fake\nhealthy"}))
	if err != nil || outputs["exit-code"] != "0" || outputs["outcome"] != "conformant" || strings.Contains(log, "\n::") {
		t.Errorf("healthy: %v, %v\n%s", err, outputs, log)
	}
	outputs, log, summary, err := runAction(t, "check", with(map[string]string{"url": "http://acme.example"}))
	if err == nil || outputs["exit-code"] != "2" || outputs["outcome"] != "" || summary != "" {
		t.Errorf("usage: %v, %v\n%s", err, outputs, log)
	}
	outputs, log, _, err = runAction(t, "install", map[string]string{"program": program})
	if err != nil || outputs["program"] != program {
		t.Errorf("a program that is here: %v, %v\n%s", err, outputs, log)
	}

	archives, _ := filepath.Glob(releases + "/v1.2.3/*.tar.gz")
	f, err := os.OpenFile(archives[0], os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("forged")
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	for want, inputs := range map[string]map[string]string{
		"it is not run":  download,
		"is no release":  {"version": "v1.2.3/../x"},
		"Name a release": {},
		"curl: (37)":     {"version": "v9.9.9", "releases": download["releases"]},
	} {
		if outputs, log, _, err := runAction(t, "install", inputs); err == nil || outputs["program"] != "" || !strings.Contains(log, want) {
			t.Errorf("%s: %v, %v\n%s", want, err, outputs, log)
		}
	}
}
