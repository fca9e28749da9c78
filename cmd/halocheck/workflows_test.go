package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// pinned is an action by the digest of its commit, with its version for people and for Dependabot.
var pinned = regexp.MustCompile(`^\s*(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// mayWrite are the permissions that a workflow may ask for beyond reading, each for one job.
var mayWrite = map[string][]string{
	"release.yml": {"attestations: write", "contents: write", "id-token: write", "packages: write", "contents: write"},
}

// ownAction is an action of this checkout.
var ownAction = regexp.MustCompile(`^\s*(- )?uses: \./deploy/github/[a-z]+$`)

// TestWorkflowsArePinned: a tag can be moved to other code, which would run with the repository's rights and secrets.
func TestWorkflowsArePinned(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../.github/workflows/*.y*ml", "../../deploy/github/*.y*ml", "../../deploy/github/*/*.y*ml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for n, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "uses:") && !pinned.MatchString(line) && !ownAction.MatchString(line) {
				t.Errorf("%s:%d: pin the action by its commit, with its version behind it: %s", file, n+1, strings.TrimSpace(line))
			}
			if strings.Contains(line, "@latest") || strings.Contains(line, "go-version: stable") {
				t.Errorf("%s:%d: name a version: %s", file, n+1, strings.TrimSpace(line))
			}
		}
		if filepath.Base(file) == "action.yml" {
			continue // an action has the rights of its workflow
		}
		if !regexp.MustCompile(`(?m)^permissions: ?\{?`).MatchString(text) || !slices.Equal(regexp.MustCompile(`[a-z-]+: write`).FindAllString(text, -1), mayWrite[filepath.Base(file)]) {
			t.Errorf("%s: it says no permissions, or asks to write", file)
		}
		if strings.Count(text, "actions/checkout@") != strings.Count(text, "persist-credentials: false") {
			t.Errorf("%s: a checkout leaves its token behind; set persist-credentials: false", file)
		}
	}
}

// TestWorkflowRunsTheSteps: continuous integration takes its steps from .ci/run, so that a contributor runs the same.
func TestWorkflowRunsTheSteps(t *testing.T) {
	script, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../.github/workflows/check.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Strategy struct{ Matrix struct{ Step []string } }
			Steps    []struct{ Run string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil || len(workflow.Jobs) != 2 {
		t.Fatalf("%v: %v", err, workflow)
	}
	for job, list := range map[string]string{"check": "steps", "further": "further"} {
		named := regexp.MustCompile(`(?m)^` + list + `=\((.+)\)`).FindSubmatch(script)
		if named == nil {
			t.Fatalf(".ci/run names no %s", list)
		}
		var runs []string
		for _, step := range workflow.Jobs[job].Steps {
			switch name, ok := strings.CutPrefix(step.Run, ".ci/run "); {
			case step.Run == "":
			case !ok:
				t.Errorf("the workflow runs %q, which .ci/run does not", step.Run)
			case name == "${{ matrix.step }}":
				runs = append(runs, workflow.Jobs[job].Strategy.Matrix.Step...)
			default:
				runs = append(runs, name)
			}
		}
		if got := strings.Join(runs, " "); got != string(named[1]) {
			t.Errorf("the workflow's job %s runs %q, .ci/run %q", job, got, named[1])
		}
	}
}

// TestSecretsAreRemoved: a self-hosted runner keeps its folder, so files with secrets are removed whatever happens.
func TestSecretsAreRemoved(t *testing.T) {
	data, err := os.ReadFile("../../deploy/github/fleet.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range strings.Split(string(data), "\n  ")[1:] {
		if strings.Contains(job, "secrets.") && strings.Contains(job, "curl") {
			t.Error("a job that sees secrets installs a program")
		}
	}
	if !regexp.MustCompile(`- if: always\(\)\n\s+run: rm -rf secrets\n`).Match(data) {
		t.Error("the secrets are not removed in a step that always runs")
	}
}
