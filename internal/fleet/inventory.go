package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds on an inventory. What is beyond them is refused before it is parsed.
const (
	maxInventory = 16 << 20 // bytes: some 80,000 entries
	maxDepth     = 32       // brackets within brackets
	maxIndent    = 128      // columns before the first word of a line
	maxName      = 128      // characters
)

// Inventory is the instances of a file, in its order.
type Inventory struct {
	File      string
	Digest    string // of its text
	Instances []Instance
}

// Load reads an inventory. Every error is an [*InventoryError], or says that the file cannot be read.
func Load(file string) (*Inventory, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxInventory {
		return nil, tooLarge(file)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxInventory+1))
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

func tooLarge(file string) error {
	return inventoryError(file, 0, "", "it is larger than %d MiB, so it is no inventory; split it", maxInventory>>20)
}

// Parse reads an inventory's text. Files in it are relative to the folder of file.
func Parse(file string, data []byte) (*Inventory, error) {
	if len(data) > maxInventory {
		return nil, tooLarge(file)
	}
	sum := sha256.Sum256(data)
	// Some editors write a byte order mark, and line ends that the parser counts twice.
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, inventoryError(file, 0, "", "it is not text in UTF-8; save it as that")
	}
	if err := checkNesting(file, data); err != nil {
		return nil, err
	}
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntax(file, data, err)
	}
	l := &inventoryParser{file: file, inventory: &Inventory{File: file, Digest: hex.EncodeToString(sum[:8])}}
	if len(doc.Docs) > 1 {
		return nil, inventoryError(file, line(doc.Docs[1].Body), "", "a second document starts here; an inventory is one")
	}
	for _, d := range doc.Docs {
		if err := l.document(d.Body); err != nil {
			return nil, err
		}
	}
	if len(l.inventory.Instances) == 0 {
		return nil, inventoryError(file, 0, "instances", "there are none; an entry looks like `- {name: acme, url: https://acme.halopsa.com}`")
	}
	return l.inventory, nil
}

// checkNesting refuses deeply nested text: the parser's time and memory grow with the square of the depth.
func checkNesting(file string, data []byte) error {
	depth, number := 0, 0
	for text := range bytes.Lines(data) {
		number++
		if len(text)-len(bytes.TrimLeft(text, " \t-?")) > maxIndent {
			return inventoryError(file, number, "", "it is indented by more than %d columns", maxIndent)
		}
		before := byte(' ')
		for _, c := range text {
			switch {
			case (c == '[' || c == '{') && bytes.IndexByte([]byte(" \t,:-[{"), before) >= 0:
				depth++
			case (c == ']' || c == '}') && depth > 0:
				depth--
			}
			if before = c; depth > maxDepth {
				return inventoryError(file, number, "", "brackets are nested more than %d deep", maxDepth)
			}
		}
	}
	return nil
}

// syntax converts the parser's error to one line with its place, without quoting the text.
func syntax(file string, data []byte, err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return inventoryError(file, 0, "", "it is not YAML")
	}
	number, message := at.GetToken().Position.Line, at.GetMessage()
	if first := duplicateKey.FindStringSubmatch(message); first != nil {
		return inventoryError(file, number, "", "a key is given twice; line %s has it first", first[1])
	}
	for text := range bytes.Lines(data) {
		if number--; number == 0 && bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("\t")) {
			return inventoryError(file, at.GetToken().Position.Line, "", "it is indented with a tab; YAML wants blanks")
		}
	}
	return inventoryError(file, at.GetToken().Position.Line, "", "it is not YAML: %s", unquoted(message))
}

// duplicateKey matches the parser's error about a repeated key, with the line of the first.
var duplicateKey = regexp.MustCompile(`already defined at \[(\d+):`)

var quotes = regexp.MustCompile("[`\"'].*[`\"']")

// unquoted hides what a message quotes, unless it is a word or two of punctuation.
func unquoted(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	return quotes.ReplaceAllStringFunc(message, func(q string) string {
		if len(q) <= 4 {
			return q
		}
		return "…"
	})
}

// inventoryParser collects an inventory while it is read.
type inventoryParser struct {
	file      string
	inventory *Inventory
	defaults  block
	groups    map[string]block
	names     map[string]int // folded name to the line of its entry
}

// block is what the defaults, a group or an entry holds.
type block struct {
	line     int
	name     string
	groups   []string
	labels   map[string]string
	settings []Setting
}

// document reads the document. It reads defaults and groups first, wherever they stand.
func (l *inventoryParser) document(body ast.Node) error {
	entries, err := l.entries("", body)
	if err != nil {
		return err
	}
	var instances ast.Node
	l.groups, l.names = map[string]block{}, map[string]int{}
	for _, e := range entries {
		switch e.name {
		case "version":
			if text, err := scalarText(e.value); err != nil || text != "1" {
				return inventoryError(l.file, e.line, "version", "this halocheck understands version 1 alone")
			}
		case "defaults":
			if l.defaults, err = l.block("defaults", e.value, false); err != nil {
				return err
			}
		case "groups":
			groups, err := l.entries("groups", e.value)
			if err != nil {
				return err
			}
			for _, g := range groups {
				if l.groups[g.name], err = l.block("groups: "+g.name, g.value, false); err != nil {
					return err
				}
			}
		case "instances":
			instances = e.value
		default:
			return inventoryError(l.file, e.line, e.name, "there is no such key; an inventory has version, defaults, groups and instances")
		}
	}
	switch n := instances.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		for i, item := range n.Values {
			if err := l.instance(i, item); err != nil {
				return err
			}
		}
		return nil
	default:
		return inventoryError(l.file, line(n), "instances", "it is not a list; an entry starts with `- name:`")
	}
}

// instanceName is what an instance may be called: it becomes part of file names and of metrics.
var instanceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// instance reads one entry and merges it with its groups and the defaults.
func (l *inventoryParser) instance(n int, body ast.Node) error {
	where := fmt.Sprintf("instances[%d]", n)
	b, err := l.block(where, body, true)
	if err != nil {
		return err
	}
	switch {
	case b.name == "":
		return inventoryError(l.file, b.line, where, "it has no name")
	case !instanceName.MatchString(b.name) || len(b.name) > maxName:
		return inventoryError(l.file, b.line, where+": name", "a name has ASCII letters, digits, dots, hyphens and underscores, %d at most, and starts with a letter or digit", maxName)
	}
	if at, twice := l.names[strings.ToLower(b.name)]; twice {
		return inventoryError(l.file, b.line, b.name+": name", "it is used twice; line %d has it first", at)
	}
	l.names[strings.ToLower(b.name)] = b.line
	layers := []block{l.defaults}
	for _, name := range b.groups {
		g, ok := l.groups[name]
		if !ok {
			return inventoryError(l.file, b.line, b.name+": groups", "there is no group %q", name)
		}
		layers = append(layers, g)
	}
	i, err := l.merge(b, layers)
	l.inventory.Instances = append(l.inventory.Instances, i)
	return err
}

// merge applies the layers to the entry; later ones win.
func (l *inventoryParser) merge(b block, layers []block) (Instance, error) {
	i := Instance{Name: b.name, File: l.file, Line: b.line, Labels: map[string]string{}}
	isFake := slices.ContainsFunc(b.settings, func(s Setting) bool { return s.Name == "fake" })
	byName := map[string]Setting{}
	for at, layer := range append(layers, b) {
		for key, value := range layer.labels {
			i.Labels[key] = value
		}
		for _, s := range layer.settings {
			if inherited := at < len(layers); inherited && isFake && slices.Contains(customerSettings, s.Name) {
				continue
			}
			s.Values = slices.Clone(s.Values)
			for n := range s.Values {
				s.Values[n] = strings.ReplaceAll(s.Values[n], "{name}", b.name)
			}
			if other := otherForm[s.Name]; other != "" {
				delete(byName, other)
			}
			byName[s.Name] = s
		}
	}
	for _, name := range Names() {
		s, ok := byName[name]
		switch {
		case !ok:
		case settings[name] == secret, name == "client-secret-file", name == "admin-secret-file":
			if err := l.setReference(&i, s); err != nil {
				return i, err
			}
		default:
			if settings[name] == path {
				s.Values = []string{l.resolvePath(s.Values[0])}
			}
			i.Settings = append(i.Settings, s)
		}
	}
	return i, i.checkComplete()
}

// otherForm maps a setting to the one that excludes it.
var otherForm = map[string]string{
	"client-secret": "client-secret-file", "client-secret-file": "client-secret",
	"admin-secret": "admin-secret-file", "admin-secret-file": "admin-secret",
	"url": "fake", "fake": "url",
}

// setReference sets the reference to a secret.
func (l *inventoryParser) setReference(i *Instance, s Setting) error {
	r := Reference{Scheme: "file", Value: s.Values[0]}
	if settings[s.Name] == secret {
		var wrong string
		if r, wrong = parseReference(s.Values[0]); wrong != "" {
			return inventoryError(l.file, s.Line, joinNonEmpty(i.Name, s.Name), "%s", wrong)
		}
	}
	r.Line = s.Line
	if r.Scheme == "file" {
		r.Value = l.resolvePath(r.Value)
	}
	if strings.HasPrefix(s.Name, "admin-") {
		i.Admin = r
	} else {
		i.Secret = r
	}
	return nil
}

// resolvePath returns a path relative to the inventory's folder.
func (l *inventoryParser) resolvePath(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(l.file), name)
}

// checkComplete refuses an entry that lacks half of something.
func (i Instance) checkComplete() error {
	has := func(name string) bool { return len(i.Get(name)) > 0 }
	switch {
	case !has("url") && !has("fake"):
		return i.Errorf("", "it has no url, such as https://acme.halopsa.com")
	case has("client-id") && !i.Secret.Given() && !has("fake"):
		return i.Errorf("client-id", "there is a client id without a secret; add client-secret")
	case i.Secret.Given() && !has("client-id") && !has("fake"):
		return i.Errorf("", "there is a secret without a client id; add client-id")
	case has("admin-client-id") && !i.Admin.Given() && !has("fake"):
		return i.Errorf("admin-client-id", "there is an admin client id without a secret; add admin-secret")
	case i.Admin.Given() && !has("admin-client-id") && !has("fake"):
		return i.Errorf("", "there is an admin secret without a client id; add admin-client-id")
	case has("fake") && (i.Secret.Scheme == "env" || i.Admin.Scheme == "env"):
		return i.Errorf("fake", "a fake brings its own credentials; leave the secret out, or name a file")
	}
	return nil
}
