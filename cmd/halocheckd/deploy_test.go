package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/internal/jobs"
)

// TestDeployFiles: the command of each file in deploy is understood, up to the provider of its log-in, which does not exist.
func TestDeployFiles(t *testing.T) {
	read := func(file string) string {
		text, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	unit := read("systemd/halocheckd.service")
	flags := regexp.MustCompile(`(?m)^# HALOCHECKD_FLAGS=(.*)$`).FindStringSubmatch(read("systemd/halocheckd.default"))[1]
	compose := struct {
		Services struct {
			Halocheckd struct{ Command []string }
		}
	}{}
	if err := yaml.Unmarshal([]byte(read("compose/halocheckd.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	deployment := struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []struct{ Args []string } }
			}
		}
	}{}
	if err := yaml.Unmarshal([]byte(strings.Split(read("kubernetes/halocheckd.yaml"), "\n---\n")[1]), &deployment); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"systemd":    strings.Fields(strings.ReplaceAll(regexp.MustCompile(`(?m)^ExecStart=halocheckd (.*)$`).FindStringSubmatch(unit)[1], "$HALOCHECKD_FLAGS", flags)),
		"compose":    compose.Services.Halocheckd.Command,
		"kubernetes": deployment.Spec.Template.Spec.Containers[0].Args,
	} {
		database := t.TempDir() + "/team.db"
		filled := strings.NewReplacer("team.db", database, "/state/team.db", database, "postgres://halocheckd@database/halocheckd?sslmode=disable&passfile=/run/secrets/pgpass", database,
			"127.0.0.1:8080", "127.0.0.1:0", "0.0.0.0:8080", "127.0.0.1:0", "https://login.example", "https://127.0.0.1:1", "--oidc-secret-file=/run/secrets/oidc", "--viewers=desk", "--oidc-secret-file=/run/secrets/halocheckd/oidc", "--viewers=desk")
		for i := range args {
			args[i] = filled.Replace(args[i])
		}
		var errs strings.Builder
		if code := run(t.Context(), args, &errs, &errs, noVariables); code != 2 || !strings.Contains(errs.String(), "127.0.0.1:1") {
			t.Errorf("%s: %q: exit %d, %s", name, args, code, errs.String())
		}
	}
	if program, err := exec.LookPath("systemd-analyze"); err == nil {
		for _, name := range []string{"halocheckd", "halocheckd-worker", "halocheck-agent"} {
			out, _ := exec.Command(program, "verify", "../../deploy/systemd/"+name+".service").CombinedOutput()
			for line := range strings.Lines(string(out)) {
				if !strings.Contains(line, "is not executable") {
					t.Error(line)
				}
			}
		}
	}
}

// TestWorkersHaveTimeToEnd: systemd waits for a worker as long as one of its jobs may take.
func TestWorkersHaveTimeToEnd(t *testing.T) {
	text, err := os.ReadFile("../../deploy/systemd/halocheckd-worker.service")
	if err != nil {
		t.Fatal(err)
	}
	set := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindStringSubmatch(string(text))
	if set == nil {
		t.Fatal("it has no TimeoutStopSec")
	}
	if seconds, _ := strconv.Atoi(set[1]); time.Duration(seconds)*time.Second < jobs.ShutdownTimeout {
		t.Errorf("systemd waits %d seconds, a job takes %s", seconds, jobs.ShutdownTimeout)
	}
	args := strings.Fields(regexp.MustCompile(`(?m)^ExecStart=halocheckd (.*) \$`).FindStringSubmatch(string(text))[1] + " --parallel 0")
	var errs strings.Builder
	if code := run(t.Context(), args, &errs, &errs, noVariables); code != 2 || !strings.Contains(errs.String(), "from 1 to 1000") {
		t.Errorf("%q: exit %d, %s", args, code, errs.String())
	}
}
