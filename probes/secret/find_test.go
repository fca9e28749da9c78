package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/secret"
)

// canary has a character for every escape: of URLs, JSON, HTML, Markdown, and a percent sign that looks like one.
const canary = `Ca_n"ary&'55\<x>+y/%41 z0123456789`

// guises are ways in which a text could hold the canary.
func guises(t *testing.T, plain string) map[string]string {
	t.Helper()
	quoted, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(quoted))
	if err != nil {
		t.Fatal(err)
	}
	base := base64.StdEncoding.EncodeToString([]byte("id:" + plain + ":more"))
	lower := strings.NewReplacer("%2B", "%2b", "%2F", "%2f").Replace(url.QueryEscape(plain))
	var percent, entities strings.Builder
	for _, b := range []byte(plain) {
		percent.WriteString("%" + hex.EncodeToString([]byte{b}))
		entities.WriteString("&#x" + hex.EncodeToString([]byte{b}) + ";")
	}
	return map[string]string{
		"raw": plain, "query": url.QueryEscape(plain), "path": url.PathEscape(plain), "lower query": lower,
		"every byte in per cent": percent.String(), "every byte an entity": entities.String(),
		"JSON": string(quoted), "JSON in JSON": string(twice), "HTML": html.EscapeString(plain),
		"HTML in JSON":  string(must(json.Marshal(html.EscapeString(plain)))),
		"URL in HTML":   html.EscapeString(url.QueryEscape(plain)),
		"URL twice":     url.QueryEscape(url.QueryEscape(plain)),
		"base64":        base64.StdEncoding.EncodeToString([]byte(plain)),
		"base64 + 1":    base64.StdEncoding.EncodeToString([]byte("x" + plain + "y")),
		"base64 + 2":    base64.StdEncoding.EncodeToString([]byte("xy" + plain)),
		"base64url + 1": base64.RawURLEncoding.EncodeToString([]byte("x" + plain + "yz")),
		"basic":         base64.StdEncoding.EncodeToString([]byte("id:" + url.QueryEscape(plain))),
		"wrapped":       base[:9] + "\r\n" + base[9:30] + "\n" + base[30:],
		"hex":           hex.EncodeToString([]byte(plain)), "HEX": strings.ToUpper(hex.EncodeToString([]byte("a" + plain))),
		"folded":   plain[:7] + "\r\n\t" + plain[7:20] + "\r\n " + plain[20:],
		"Markdown": strings.NewReplacer(`\`, `\\`, "_", `\_`, "<", "&lt;", ">", "&gt;").Replace(plain),
		"numbered": strings.ReplaceAll(plain, "<", "<U+003C>"),
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestNeedleFindsEveryGuise(t *testing.T) {
	needle := secret.NewNeedle(secret.New(canary))
	for name, text := range guises(t, canary) {
		if !needle.In("before " + text + " after") {
			t.Errorf("%s is not found: %s", name, text)
		}
		if got := secret.Scrub("before "+text+" after", secret.New(canary)); needle.In(got) {
			t.Errorf("%s is not scrubbed: %s", name, got)
		}
	}
	for name, text := range guises(t, strings.NewReplacer("5", "6", "y/", "q/").Replace(canary)) {
		if needle.In(text) {
			t.Errorf("%s of another secret is found", name)
		}
	}
}

// TestNeedleFindsPieces: sixteen bytes in a row are one, in any case and guise, and fifteen are not.
func TestNeedleFindsPieces(t *testing.T) {
	const plain = "0a1b2c3d-4E5F-4a6b-8c7d-9e0f1a2b3c4d"
	needle := secret.NewNeedle(secret.New(plain))
	for at := range len(plain) - 16 {
		for name, piece := range map[string]string{
			"raw": plain[at : at+16], "upper": strings.ToUpper(plain[at : at+16]), "folded": plain[at:at+5] + "\r\n " + plain[at+5:at+16],
			"percent": strings.ReplaceAll(url.QueryEscape(plain[at:at+16]), "-", "%2D"),
		} {
			if !needle.In("x" + piece + "x") {
				t.Errorf("%s from %d is not found: %s", name, at, piece)
			}
			if got := secret.Scrub("x"+piece+"x", secret.New(plain)); strings.Contains(strings.ToLower(got), strings.ToLower(piece)) {
				t.Errorf("%s from %d is not scrubbed: %s", name, at, got)
			}
		}
		if at > 0 && needle.In("x"+plain[at:at+15]+"x") {
			t.Errorf("fifteen bytes from %d are a piece", at)
		}
	}
	if got := secret.Scrub("a "+plain[:18]+"|"+plain[18:]+" z", secret.New(plain)); got != "a [redacted]|[redacted] z" {
		t.Error(got)
	}
}

func TestNeedleLeavesOrdinaryTextAlone(t *testing.T) {
	for _, short := range []string{"", "a", "abcde", " a b c "} {
		if secret.NewNeedle(secret.New(short)).In("a abcde a b c and so on") {
			t.Errorf("%q is looked for", short)
		}
	}
	if got := secret.Scrub("nothing to see", secret.New(canary)); got != "nothing to see" {
		t.Error(got)
	}
}
