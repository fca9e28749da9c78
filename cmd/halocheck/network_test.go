package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

func TestVantages(t *testing.T) {
	got, err := parseVia([]string{"3.19.3.152=socks5://me:a=b@127.0.0.1:1080", "office=ssh://jump"})
	want := []probes.Vantage{{Name: "3.19.3.152", URL: "socks5://me:a=b@127.0.0.1:1080"}, {Name: "office", URL: "ssh://jump"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, typed := range []string{"", "socks5://127.0.0.1:1080", "=socks5://127.0.0.1", "x=", "x=https://127.0.0.1", "x=socks5://"} {
		if got, err := parseVia([]string{typed}); err == nil {
			t.Errorf("%q is taken for %v", typed, got)
		}
	}
}
