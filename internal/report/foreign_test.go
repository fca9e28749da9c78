package report_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	nethtml "golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// foreignParts are what a server, a certificate or a file could say to be more than text.
var foreignParts = []string{
	"##vso[task.setvariable variable=fx]1", "##[error]fx", "##[group]", "###[x]", "##VSO[fx]", "##teamcity[message text='fx']",
	"::error::fx", "::set-output name=fx::1", "::add-mask::fx", "::stop-commands::fx", "section_start:1:fx\r\x1b[0K", "::1",
	"\x1b[2J", "\x1b]0;fx\x07", "\u009b31m", "\x00", "\r", "\n", "\r\nfail forged.line", "\u2028", "\u2029", "\u0085", "\t", "\x7f", "\x08",
	"\u202e", "\u2066", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u3164", "\ufe0f", "\U000e0041", "\xff", "\xc3", "\ufffd",
	"@fxuser", "@here", "fx@fx.example", "http://fx.example/x", "HTTPS://fx.example", "www.fx.example", "WwW.fx.example", "ftp://fx", "mailto:fx@fx.example",
	"<http://fx.example>", "[fx](http://fx.example)", "![fx](data:fx)", "[fx]: http://fx", "<b>fx</b>", "<img src=x onerror=fx>", "<!--", "-->", "</script><script>fx()", "&#64;fx", "&lt;b&gt;",
	"`", "``fx``", "**fx**", "__fx__", "~~fx~~", "$fx$", "|", "\\", "\\@fx", "#12", "# fx", "- fx", "1. fx", "> fx", "]]>", "<![CDATA[", "\"", "'", "&fx;", "%0A::error::fx", " ", "  ", "fx", "word",
}

// foreign generates text of such parts.
func foreign() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom(foreignParts), 0, 6).Draw(t, "parts")
		return strings.Join(parts, rapid.SampledFrom([]string{" ", "", "\n"}).Draw(t, "between"))
	})
}

// withForeignText puts text into every place of a report that a server, a certificate or a file can write to. What the schema
// settles, such as an ID or a status, is refused when a report is read.
func withForeignText(text func() string) *report.Report {
	failed := finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, text())
	failed.Says, failed.Host, failed.Evidence = text(), text(), "trust.chain"
	failed.Remedy = &probes.Remedy{Who: probes.NetworkAdmin, Do: text(), Where: text()}
	failed.Source = probes.Source{Section: text(), Item: text(), Label: text()}
	unknown := finding("login.token", probes.Must, probes.Unknown, probes.Cause(text()), text())
	unknown.Host = "other.example"
	waived := finding("login.auth-url-slash", probes.Must, probes.Failed, probes.NoTrailingSlash, text())
	waived.Waived = &probes.Waiver{Reason: text(), Owner: text(), Until: text()}
	vouched := finding("network.allowlist", probes.Must, probes.Passed, probes.OK, text())
	vouched.Attested = text()
	ended := finding("role.add-tickets", probes.Must, probes.Passed, probes.OK, text())
	ended.WaiverUnneeded = &probes.Waiver{Reason: text(), Owner: text()}
	r := made(failed, unknown, waived, vouched, ended, blocked("login.login-type", "login.token"))
	r.Target.URL, r.Target.AuthURL, r.Target.Tenant = text(), text(), text()
	r.Guide.Name, r.Guide.Edition, r.Tool.Version, r.Only = text(), text(), text(), []string{text()}
	answer, _ := json.Marshal(map[string]any{
		"sent": []any{map[string]any{"subject": text(), "issuer": text(), "sha256": "ab", "from": text(), "key": text()}}, "fixed": text(),
	})
	r.Evidence = map[string]json.RawMessage{"trust.chain": answer}
	return r
}

// looks are the ways in which a report can be written.
var looks = []report.Options{{}, {Verbose: true}, {Quiet: true}, {Verbose: true, Width: 24}, {Verbose: true, Colour: true, Width: 60}, {Audience: report.Customer}}

// letters are the formats that there are for a customer.
var letters = []string{"text", "markdown", "html"}

// TestForeignTextIsText: in no format, at no verbosity and width, can a terminal, a browser, Markdown, a parser of JUnit or a
// CI runner tell foreign text from text.
func TestForeignTextIsText(t *testing.T) {
	words := 0
	plain := withForeignText(func() string { words++; return fmt.Sprintf("word%d", words) })
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		r := withForeignText(func() string { n++; return fmt.Sprintf("%sword%d", foreign().Draw(t, fmt.Sprint(n)), n) })
		for _, format := range report.Formats {
			for _, o := range looks {
				if o != (report.Options{}) && format != "text" && format != "markdown" && (o.Audience != report.Customer || !slices.Contains(letters, format)) {
					continue // the other formats have one look
				}
				var out, same strings.Builder
				if err := errors.Join(report.Write(&out, format, r, o), report.Write(&same, format, plain, o)); err != nil {
					t.Fatal(err)
				}
				text := out.String()
				if o.Colour {
					text = ownColour.ReplaceAllString(text, "")
				}
				problems := append(terminalProblems(text), runnerProblems(text)...)
				switch format {
				case "markdown":
					problems = append(problems, markdownProblems(text)...)
				case "html":
					problems = append(problems, htmlProblems(text, same.String())...)
				case "junit":
					problems = append(problems, xmlProblems(text, same.String())...)
				case "json":
					problems = append(problems, jsonProblems(text, r)...)
				}
				if len(problems) > 0 {
					t.Fatalf("%s %+v: %q", format, o, problems)
				}
			}
		}
	})
}

// ownColour is what lipgloss writes for the signs.
var ownColour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// terminalProblems are characters that a terminal obeys or hides.
func terminalProblems(text string) (problems []string) {
	if !utf8.ValidString(text) {
		problems = append(problems, "no UTF-8")
	}
	for _, r := range text {
		switch {
		case r == '\n', r == '\t':
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), r == 0x3164, r == 0xfe0f:
			problems = append(problems, fmt.Sprintf("U+%04X", r))
		}
	}
	return problems
}

// runnerProblems are commands by the rules of the runners. GitHub's (ActionCommand.cs): a line that starts with :: after blanks
// and has another ::; and ##[ with a ] behind it anywhere. Azure's (Command.cs): ##vso[ with a ] behind it anywhere. GitLab's:
// section_start and section_end with a carriage return. TeamCity's: ##teamcity[ anywhere.
func runnerProblems(text string) (problems []string) {
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimLeftFunc(line, unicode.IsSpace)
		if strings.HasPrefix(trimmed, "::") && strings.Contains(trimmed[2:], "::") {
			problems = append(problems, line)
		}
		for _, prefix := range []string{"##[", "##vso[", "##teamcity["} {
			if _, after, ok := strings.Cut(strings.ToLower(line), prefix); ok && strings.Contains(after, "]") {
				problems = append(problems, line)
			}
		}
		if regexp.MustCompile(`section_(start|end):\d+:\S*\r`).MatchString(line) {
			problems = append(problems, line)
		}
	}
	return problems
}

// markdownProblems reads the source as CommonMark and GitHub do: code spans first, then escapes and entities; in what is left
// as text no link, mention or reference is found, and in what is left as source no mark-up of foreign text.
func markdownProblems(source string) (problems []string) {
	for line := range strings.SplitSeq(source, "\n") {
		rendered, markup := readMarkdown(line)
		for _, pattern := range []*regexp.Regexp{
			regexp.MustCompile(`@[\p{L}\p{N}]`), regexp.MustCompile(`(?i)\b(https?|ftp)://`), regexp.MustCompile(`(?i)\bwww\.`), regexp.MustCompile(`(?i)(mailto:|xmpp:|\b(javascript|data):)\S`), regexp.MustCompile(`#[0-9]`),
		} {
			if found := pattern.FindString(rendered); found != "" {
				problems = append(problems, fmt.Sprintf("%s in %s", found, line))
			}
		}
		if strings.ContainsAny(markup, "[]<~$&`") || strings.HasPrefix(strings.TrimSpace(line), ">") || strings.Contains(markup, "_") || strings.Count(markup, "*")%4 != 0 {
			problems = append(problems, fmt.Sprintf("mark-up %q in %s", markup, line))
		}
	}
	return problems
}

// readMarkdown is a line as it is shown, without its code spans, and the characters of it that have a meaning.
func readMarkdown(line string) (rendered, markup string) {
	var text, special strings.Builder
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", line[i+1]) >= 0:
			text.WriteByte(line[i+1])
			i += 2
		case c == '`':
			run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			end := strings.Index(line[i+run:], strings.Repeat("`", run))
			if end < 0 {
				special.WriteByte('`')
				i += run
				continue
			}
			text.WriteString("CODE")
			i += run + end + run
		case c == '&':
			end := strings.IndexByte(line[i:], ';')
			if end < 0 || html.UnescapeString(line[i:i+end+1]) == line[i:i+end+1] {
				special.WriteByte('&')
				text.WriteByte('&')
				i++
				continue
			}
			text.WriteString(html.UnescapeString(line[i : i+end+1]))
			i += end + 1
		default:
			if strings.IndexByte("[]<>~$*_", c) >= 0 {
				special.WriteByte(c)
			}
			text.WriteByte(c)
			i++
		}
	}
	return text.String(), special.String()
}

// htmlProblems compares the elements and attributes with those of a page without foreign text.
func htmlProblems(page, plain string) (problems []string) {
	shape := func(page string) (all []string) {
		root, err := nethtml.Parse(strings.NewReader(page))
		if err != nil {
			return []string{err.Error()}
		}
		for n := range root.Descendants() {
			if n.Type == nethtml.CommentNode {
				all = append(all, "comment")
			}
			if n.Type != nethtml.ElementNode {
				continue
			}
			name := n.Data
			for _, a := range n.Attr {
				name += " " + a.Key
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:," || a.Key == "src" {
					problems = append(problems, a.Key+"="+a.Val)
				}
			}
			all = append(all, name)
		}
		return all
	}
	if a, b := shape(page), shape(plain); !slices.Equal(a, b) {
		problems = append(problems, fmt.Sprintf("%d elements, not %d", len(a), len(b)))
	}
	return problems
}

// xmlProblems compares the elements and attributes of JUnit.
func xmlProblems(text, plain string) (problems []string) {
	shape := func(text string) (all []string) {
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				problems = append(problems, err.Error())
				return all
			}
			switch token := token.(type) {
			case xml.StartElement:
				name := token.Name.Local
				for _, a := range token.Attr {
					name += " " + a.Name.Local
				}
				all = append(all, name)
			case xml.Comment, xml.Directive:
				all = append(all, fmt.Sprintf("%T", token))
			}
		}
	}
	if a, b := shape(text), shape(plain); !slices.Equal(a, b) {
		problems = append(problems, fmt.Sprintf("elements %q, not %q", a, b))
	}
	return problems
}

// jsonProblems compares every value with what was said.
func jsonProblems(text string, r *report.Report) (problems []string) {
	var got, want any
	raw, _ := json.Marshal(r)
	if err := errors.Join(json.Unmarshal([]byte(text), &got), json.Unmarshal(raw, &want)); err != nil || !reflect.DeepEqual(got, want) {
		problems = append(problems, fmt.Sprintf("a value did not survive: %v %s", err, cmp.Diff(want, got)))
	}
	return problems
}
