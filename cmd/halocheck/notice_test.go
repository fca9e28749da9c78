package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// noticeHead opens NOTICE.
const noticeHead = `halocheck
Licensed under the Apache License, Version 2.0; see LICENSE.

The programs link the modules below, and Go's standard library, under the licences that follow. A licence that several
modules share is given once. This file is made by "make notice".
`

// linked is a module that the program links on some system.
type linked struct{ Path, Version, Dir string }

// linkedModules are those of the systems that releases are made for.
func linkedModules(t *testing.T) []linked {
	t.Helper()
	all := map[string]linked{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-deps", "-json=Module", ".", "../halocheckd")
		c.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v", system, err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct {
				Module *struct {
					linked
					Main bool
				}
			}
			err := d.Decode(&p)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Module != nil && !p.Module.Main {
				all[p.Module.Path] = p.Module.linked
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b linked) int { return strings.Compare(a.Path, b.Path) })
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)(\.\w+)?$`)

// licences are the texts that a folder holds; a module without any is an error.
func licences(t *testing.T, folder string) string {
	t.Helper()
	var texts []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !licenceName.MatchString(e.Name()) || e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	if len(texts) == 0 {
		t.Errorf("%s holds no licence, so it must not be linked", folder)
	}
	return strings.Join(texts, "\n\n")
}

// TestFreshNotice fails where NOTICE lacks a module that is linked, or holds another licence than it has.
func TestFreshNotice(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	byText := map[string][]string{}
	var texts []string // in the order of their first module
	add := func(name, folder string) {
		text := licences(t, folder)
		if byText[text] == nil {
			texts = append(texts, text)
		}
		byText[text] = append(byText[text], name)
	}
	add("Go's standard library", strings.TrimSpace(string(root)))
	for _, m := range linkedModules(t) {
		add(m.Path+" "+m.Version, m.Dir)
	}
	var b strings.Builder
	b.WriteString(noticeHead)
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(byText[text], "\n"), text)
	}
	const file = "../../NOTICE"
	if os.Getenv("HALOCHECK_NOTICE") == "write" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("NOTICE is stale; run: make notice")
	}
}
