package main

import (
	"bytes"
	"os"
	"testing"
)

// TestFresh fails where the generated catalogue is stale.
func TestFresh(t *testing.T) {
	var out bytes.Buffer
	if code := run([]string{"list", "--format", "markdown"}, environment{out: &out, err: os.Stderr, getenv: func(string) string { return "" }}); code != 0 {
		t.Fatalf("exit %d", code)
	}
	have, err := os.ReadFile("../../probes/catalogue/CATALOGUE.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, out.Bytes()) {
		t.Error("probes/catalogue/CATALOGUE.md is stale; run: make generate")
	}
}
