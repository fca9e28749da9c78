package safetext_test

import (
	"testing"

	"github.com/halocheck/halocheck/internal/safetext"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"plain text, with a dot.", "plain text, with a dot."}, {"a  b", "a b"}, {"a > b", "a > b"},
		{"see https://x.example/a.", "see `https://x.example/a`."}, {"WWW.x.example", "`WWW.x.example`"}, {"(mailto:a)", "(`mailto:a`)"},
		{"@all", "`@all`"}, {"a@b.example", "`a@b.example`"}, {"#12", "`#12`"}, {"# x", "`#` x"}, {"a#b", "a#b"},
		{"**b**", "`**b**`"}, {"a_b", "`a_b`"}, {"[a](b)", "`[a](b`)"}, {"<img src=x>", "`<U+003C>img` src=x>"}, {"&lt;", "`&lt`;"}, {"a & b", "a & b"},
		{"a|b", "`a|b`"}, {`\@x`, "`\\@x`"}, {"`x`", "`<U+0060>x<U+0060>`"}, {">x", "`>x`"}, {"\x1b[2J", "`<U+001B>[2J`"}, {"$x$", "`$x$`"},
		{"- fx", "`-` fx"}, {"+ fx", "`+` fx"}, {"1. fx", "`1.` fx"}, {"12) fx", "`12)` fx"}, {"> fx", "`>` fx"}, {"---", "`<U+002D>--`"}, {"==", "`==`"}, {"a - b", "a - b"}, {"-1 fx", "-1 fx"}, {"2026 fx", "2026 fx"},
		{"~~x~~", "`~~x~~`"},
	} {
		if got := safetext.Markdown(c.text); got != c.want {
			t.Errorf("%q becomes %q, not %q", c.text, got, c.want)
		}
	}
}

func TestCode(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"trust.chain", "`trust.chain`"}, {"a b", "`a b`"}, {"", ""}, {" a", "a"}, {"a`b", "`a<U+0060>b`"}, {"a\nb", "`a<U+000A>b`"},
	} {
		if got := safetext.Code(c.text); got != c.want {
			t.Errorf("%q becomes %q, not %q", c.text, got, c.want)
		}
	}
	if got := safetext.CodeBlock("sh", "curl -v x\n```"); got != "curl -v `x<U+000A><U+0060><U+0060><U+0060>`\n" {
		t.Errorf("%q", got)
	}
	if got := safetext.CodeBlock("sh", "curl -v\tx"); got != "```sh\ncurl -v<U+0009>x\n```\n" {
		t.Errorf("%q", got)
	}
}
