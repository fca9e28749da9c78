package pagetest

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Foreign is a text that becomes an element of its own wherever a page takes it as it is: as text, in an attribute of either kind of
// quotes, in a title, a field, a comment or a script.
const Foreign = `"'><x-foreign onclick=x()></title></textarea></select></script>--><img src=x onerror=x()><x-foreign>`

// CheckMarkup fails where a page took [Foreign] as it is, leads to a script, or has it in a script of its own.
func CheckMarkup(t testing.TB, where, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(where, err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "x-foreign" || n.Data == "script" && n.FirstChild != nil && strings.Contains(n.FirstChild.Data, "x-foreign") {
			t.Errorf("%s: there is an element %s", where, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Key, "x-foreign") || (a.Key == "href" || a.Key == "action" || a.Key == "formaction" || a.Key == "src") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("%s: <%s> has %s=%q", where, n.Data, a.Key, a.Val)
			}
		}
	}
}
