package selfproof_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	nethtml "golang.org/x/net/html"
	"pgregory.net/rapid"
)

// foreignParts are what a server, a certificate or a file could say to be more than text.
var foreignParts = []string{
	"##vso[task.setvariable variable=fx]1", "##[error]fx", "##[group]", "###[x]", "##VSO[fx]", "##teamcity[message text='fx']",
	"::error::fx", "::set-output name=fx::1", "::add-mask::fx", "::stop-commands::fx", "section_start:1:fx\r\x1b[0K", "::1",
	"--- fx", "+++ fx", "~~~ fx", "^^^ +++", "travis_fold:start:fx", "travis_time:start:fx", "##teamcity[testFailed name='fx']", "##[command]fx", "##[endgroup]",
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

// ownColour is what the report writes for the signs.
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
// section_start and section_end with a carriage return. TeamCity's: ##teamcity[ anywhere. Buildkite's: a line that starts with
// --- or +++ or ~~~ or ^^^ and a blank. Travis's: a line that starts with travis_fold: or travis_time:.
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
		if otherRunners.MatchString(line) {
			problems = append(problems, line)
		}
	}
	return problems
}

var otherRunners = regexp.MustCompile(`section_(start|end):\d+:\S*\r|^(---|\+\+\+|~~~|\^\^\^) |^travis_(fold|time):`)

// markdownProblems reads the source as CommonMark and GitHub do: code spans first, then escapes and entities; in what is left
// as text no link, mention or reference is found, and what is left as mark-up is that of the report itself, line by line.
func markdownProblems(source, plain string) (problems []string) {
	own := strings.Split(plain, "\n")
	for i, line := range strings.Split(source, "\n") {
		rendered, markup := readMarkdown(line)
		for _, pattern := range markdownLinks {
			if found := pattern.FindString(rendered); found != "" {
				problems = append(problems, fmt.Sprintf("%s in %s", found, line))
			}
		}
		if i < len(own) {
			if _, want := readMarkdown(own[i]); markup != want {
				problems = append(problems, fmt.Sprintf("mark-up %q, not %q, in %s", markup, want, line))
			}
			if found, want := blockStart.FindString(line), blockStart.FindString(own[i]); found != want {
				problems = append(problems, fmt.Sprintf("a block that starts with %q, not %q, in %s", found, want, line))
			}
		}
	}
	return append(problems, lineProblems(source, plain)...)
}

// blockStart is what makes a line more than a line of a paragraph.
var blockStart = regexp.MustCompile("^\\s*(>|```|~~~|    |(=+|-+)\\s*$|([-+*]|\\d{1,9}[.)]|#{1,6})(\\s|$))")

var markdownLinks = []*regexp.Regexp{
	regexp.MustCompile(`@[\p{L}\p{N}]`), regexp.MustCompile(`(?i)\b(https?|ftp)://`), regexp.MustCompile(`(?i)\bwww\.`),
	regexp.MustCompile(`(?i)(mailto:|xmpp:|\b(javascript|data):)\S`), regexp.MustCompile(`#[0-9]`),
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
			if strings.IndexByte("[]<~$*_|", c) >= 0 {
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

// jsonProblems compares the members and their kinds.
func jsonProblems(text, plain string) (problems []string) {
	shape := func(text string) any {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			problems = append(problems, err.Error())
		}
		return shapeOf(v)
	}
	if diff := cmp.Diff(shape(plain), shape(text)); diff != "" {
		problems = append(problems, diff)
	}
	return problems
}

// shapeOf is a JSON value with its texts and numbers emptied.
func shapeOf(v any) any {
	switch v := v.(type) {
	case string:
		return ""
	case float64:
		return 0
	case []any:
		for i := range v {
			v[i] = shapeOf(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = shapeOf(v[name])
		}
	}
	return v
}

// metricsProblems reads the file as Prometheus does, and as OpenMetrics asks for beyond that.
func metricsProblems(text, plain string) (problems []string) {
	shape := func(text string) (all []string) {
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(text))
		if err != nil {
			problems = append(problems, err.Error())
		}
		for name, family := range families {
			for _, m := range family.GetMetric() {
				line := name
				for _, l := range m.GetLabel() {
					line += " " + l.GetName()
				}
				all = append(all, line)
			}
		}
		slices.Sort(all)
		return all
	}
	if a, b := shape(text), shape(plain); !slices.Equal(a, b) {
		problems = append(problems, fmt.Sprintf("series %q, not %q", a, b))
	}
	if !strings.HasSuffix(text, "\n# EOF\n") || strings.Count(text, "\n# EOF\n") != 1 || strings.Contains(text, "\n\n") {
		problems = append(problems, "no OpenMetrics")
	}
	return problems
}

// csvProblems reads the file as spreadsheets do: the same cells, and none that is a formula.
func csvProblems(text, plain string) (problems []string) {
	rows := func(text string) [][]string {
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			problems = append(problems, err.Error())
		}
		return all
	}
	for _, row := range rows(text) {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				problems = append(problems, "a formula: "+cell)
			}
		}
	}
	if a, b := len(rows(text)), len(rows(plain)); a != b {
		problems = append(problems, fmt.Sprintf("%d rows, not %d", a, b))
	}
	return problems
}

// lineProblems finds more lines than there are without foreign text.
func lineProblems(text, plain string) []string {
	if a, b := strings.Count(text, "\n"), strings.Count(plain, "\n"); a != b {
		return []string{fmt.Sprintf("%d lines, not %d", a, b)}
	}
	return nil
}

// textRules are how each format is read, beside terminals and runners, which see all of them; plain is the same output of the
// same run with words in place of foreign text.
var textRules = map[string]func(text, plain string) []string{
	"text":     func(string, string) []string { return nil }, // it is wrapped
	"short":    lineProblems,
	"json":     jsonProblems,
	"junit":    xmlProblems,
	"markdown": markdownProblems,
	"html":     htmlProblems,
	"metrics":  metricsProblems,
	"csv":      csvProblems,
	"github":   githubProblems,
}

// githubProblems finds commands of a log for GitHub other than annotations with a title.
func githubProblems(text, _ string) (problems []string) {
	for _, command := range runnerProblems(text) {
		if !annotation.MatchString(command) {
			problems = append(problems, command)
		}
	}
	return problems
}

var annotation = regexp.MustCompile(`^::(error|warning|notice) title=[^:,]*::[^\r]*$`)

// textProblems is everything by which foreign text in an output can be told from text. A format without a rule is one.
func textProblems(format, text, plain string) []string {
	rule, ok := textRules[format]
	if !ok {
		return []string{"the format " + format + " has no rule: say in textRules how it is read"}
	}
	problems := terminalProblems(text)
	if commands := runnerProblems(text); len(commands) > len(runnerProblems(plain)) {
		problems = append(problems, commands...)
	}
	return append(problems, rule(text, plain)...)
}
