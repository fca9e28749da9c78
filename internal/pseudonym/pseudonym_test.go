package pseudonym_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/pseudonym"
)

func TestTheSameInputHasTheSameAliasWithinABook(t *testing.T) {
	var one, other pseudonym.Generator
	if one.Name("name", "Jane Smith") != one.Name("name", " jane smith ") || one.Name("name", "Jane Smith") == one.Name("name", "Jane Smyth") {
		t.Error("the pseudonym is not the value's own")
	}
	if one.Name("name", "Jane Smith") == other.Name("name", "Jane Smith") {
		t.Error("two books agree, so their salt is no salt")
	}
}

func TestMails(t *testing.T) {
	var b pseudonym.Generator
	for _, text := range []string{
		"jane.smith@acme.example", "JANE+halo@acme.co.uk", "jane.smith%40acme.example", "jane.smith&#64;acme.example", `o'neil\u0040acme.example`, "jörg@müller.example",
	} {
		got := b.Emails(`said "` + text + `", and went`)
		if strings.Contains(got, "acme") || strings.Contains(got, "ller") || !strings.HasPrefix(got, `said "mail-`) || !strings.HasSuffix(got, `", and went`) {
			t.Errorf("%s becomes %s", text, got)
		}
	}
	for _, text := range []string{"no mail @ all", "3.19.3.152", "https://acme.halopsa.com/auth", "a@b"} {
		if got := b.Emails(text); got != text {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

func TestHostsKeepTheirShape(t *testing.T) {
	var b pseudonym.Generator
	host, wild := b.Host("halo.acme.example"), b.Host("*.acme.example")
	if !strings.HasSuffix(host, strings.TrimPrefix(wild, "*")) || strings.Contains(host, "acme") || !strings.HasSuffix(host, ".example") {
		t.Error(host, wild)
	}
	four, six := netip.MustParseAddr(b.Host("203.0.113.7")), netip.MustParseAddr(b.Host("2a00::7"))
	if !netip.MustParsePrefix("198.18.0.0/15").Contains(four) || !netip.MustParsePrefix("2001:db8::/32").Contains(six) {
		t.Error(four, six)
	}
	if b.Host("127.0.0.1") != "127.0.0.1" {
		t.Error(b.Host("127.0.0.1"))
	}
}
