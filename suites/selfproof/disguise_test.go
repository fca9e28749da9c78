package selfproof_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	reports "github.com/halocheck/halocheck/internal/report"
)

// disguises are the encodings that README promises (contract §11), written for this test alone.
var disguises = func() map[string]func(string) string {
	wide := func(s string) string {
		var out []byte
		for _, unit := range utf16.Encode([]rune(s)) {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
		return string(out)
	}
	each := func(format, between string) func(string) string {
		return func(s string) string {
			var parts []string
			for _, b := range []byte(s) {
				parts = append(parts, fmt.Sprintf(format, b))
			}
			return strings.Join(parts, between)
		}
	}
	twice := func(f func(string) string) func(string) string { return func(s string) string { return f(f(s)) } }
	std := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	all := map[string]func(string) string{
		"as it is": func(s string) string { return s }, "upper": strings.ToUpper, "lower": strings.ToLower,
		"twice base64": twice(std), "hex": each("%02x", ""), "HEX-": each("%02X", "-"), "hex:": each("%02x", ":"), "0x hex": each("0x%02x", " "), "wide hex": func(s string) string { return hex.EncodeToString([]byte(wide(s))) },
		"percent": each("%%%02X", ""), "percent twice": each("%%25%02x", ""), "entities": each("&#%d;", ""), "hex entities": each("&#x%x;", ""), "JSON": each(`\u%04x`, ""), "JavaScript": each(`\x%02x`, ""), "JavaScript 6": each(`\u{%x}`, ""),
		"reversed": func(s string) string {
			r := []rune(s)
			slices.Reverse(r)
			return string(r)
		},
		"dotted": each("%c", "."), "spaced": each("%c", " "), "barred": each("%c", "|"),
	}
	for n := range 3 {
		before := "xyz"[:n]
		all[fmt.Sprint("base64 ", n)] = func(s string) string { return std(before + s + "!?") }
		all[fmt.Sprint("base64url ", n)] = func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(before + s + "!?")) }
		all[fmt.Sprint("wide base64 ", n)] = func(s string) string { return std(before + wide(s) + "!?") }
	}
	return all
}()

// disguised finds the first disguise of a secret in text; base64 is compared without the digits that its neighbours decide.
func disguised(text, secret string) string {
	squeeze := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s))
	}
	for _, view := range []string{text, html.UnescapeString(text), strings.ReplaceAll(text, `\\`, `\`)} {
		view = squeeze(view)
		for name, disguise := range disguises {
			form := squeeze(disguise(secret))
			if strings.Contains(name, "base64") {
				form = form[4 : len(form)-8]
			}
			if strings.Contains(view, form) {
				return name
			}
		}
	}
	return ""
}

var _ = Describe("a secret that a server repeats in every encoding that is promised", Label("canary", "text"), Ordered, ContinueOnFailure, func() {
	var binary string
	BeforeAll(func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary = built(ctx)
	})

	names := slices.Sorted(maps.Keys(disguises))
	for n, mode := range talkerModes {
		It("is in no output: a server that "+mode, func(ctx SpecContext) {
			fake, at := start(), n*5
			secret := fake.Credentials.ClientSecret
			server := newTalkerOf(fake, mode, func() string {
				at++
				return disguises[names[at%len(names)]](secret)
			})
			c := &commandRun{binary, GinkgoT().TempDir(), map[string]string{}}
			Expect(os.WriteFile(filepath.Join(c.folder, "secret"), []byte(secret), 0o600)).To(Succeed())
			id := server.fake.Credentials.ClientID
			connect := []string{
				server.URL, "--auth-url", server.URL + "/auth/", "--client-id", id, "--client-secret-file", "secret", "--ca-file", server.caFile,
				"--tenant", server.fake.Credentials.Tenant, "--aia", "private", "--timeout", "20s",
			}
			args := append([]string{"check", "--verbose", "--out", "bundle=a.zip"}, connect...)
			for _, format := range reports.Formats {
				args = append(args, "--out", format+"=r."+format)
			}
			c.run(ctx, "text", []int{0, 1, 3}, args...)
			c.run(ctx, "text", []int{0, 3, 4}, append([]string{"record", server.URL, "recorded"}, connect[1:]...)...)
			inventory, _ := json.Marshal(map[string]any{"instances": []any{map[string]any{
				"name": "one", "url": server.URL, "auth-url": server.URL + "/auth/", "client-id": id, "client-secret": "file:secret", "ca-file": server.caFile, "tenant": server.fake.Credentials.Tenant,
			}}})
			Expect(os.WriteFile(filepath.Join(c.folder, "fleet"), inventory, 0o600)).To(Succeed())
			c.run(ctx, "text", []int{0, 1, 3}, "fleet", "fleet", "--results", "f.jsonl", "--metrics", "f.prom", "--out", "html=f.html", "--out", "json=f.json")
			Expect(os.Remove(filepath.Join(c.folder, "secret"))).To(Succeed())
			maps.Copy(c.wrote, everything(c.folder))
			for what, text := range c.wrote {
				Expect(disguised(text, secret)).To(BeEmpty(), what)
			}
		}, SpecTimeout(5*time.Minute))
	}

	It("is in no output where it was typed as the Client ID, or is a word of the report itself", func(ctx SpecContext) {
		server := newTalker("refuses", speech(3))
		given := server.fake.Credentials
		for _, swapped := range [][2]string{{given.ClientSecret, given.ClientID}, {"S3cret/of+Somebody==", given.ClientID}, {given.ClientID, "findings"}} {
			c := &commandRun{binary, GinkgoT().TempDir(), map[string]string{}}
			Expect(os.WriteFile(filepath.Join(c.folder, "secret"), []byte(swapped[1]), 0o600)).To(Succeed())
			args := []string{"check", server.URL, "--auth-url", server.URL + "/auth/", "--client-id", swapped[0], "--client-secret-file", "secret", "--ca-file", server.caFile, "--verbose", "--out", "bundle=a.zip"}
			for _, format := range reports.Formats {
				args = append(args, "--out", format+"=r."+format)
			}
			c.run(ctx, "text", []int{0, 1, 3}, args...)
			Expect(os.Remove(filepath.Join(c.folder, "secret"))).To(Succeed())
			maps.Copy(c.wrote, everything(c.folder))
			saved, err := os.ReadFile(filepath.Join(c.folder, "r.json"))
			Expect(err).NotTo(HaveOccurred())
			r, err := reports.Read(saved)
			Expect(err).NotTo(HaveOccurred())
			Expect(len(r.Findings)).To(BeNumerically(">", 40))
			if swapped[1] == "findings" {
				continue
			}
			for what, text := range c.wrote {
				_, text, _ = strings.Cut(text, "\n") // what was run
				Expect(disguised(text, swapped[0])).To(BeEmpty(), what)
			}
		}
	}, SpecTimeout(5*time.Minute))
})
