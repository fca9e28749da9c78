package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes/guide"
)

// limits bound an inventory: 16 MiB hold some 80,000 entries. Each entry, and the rest together, is bounded by entryLimits.
var (
	limits      = document.Limits{Bytes: 16 << 20}
	entryLimits = document.Settings
)

const maxName = 128 // characters

// Inventory is the instances of a file, in its order.
type Inventory struct {
	File      string
	Digest    string // of its text
	Instances []Instance
}

// Load reads an inventory. Every error is an [*InventoryError], or says that the file cannot be read.
func Load(ctx context.Context, table settings.Table, file string) (*Inventory, error) {
	data, err := document.ReadFile(ctx, file, limits)
	var exceeded *document.Error
	if errors.As(err, &exceeded) {
		return nil, inventoryError(file, 0, "", "%s, so it is no inventory; split it", exceeded.Message)
	}
	if err != nil {
		return nil, err
	}
	return Parse(ctx, table, file, data)
}

// Parse reads an inventory's text. Files in it are relative to the folder of file. The end of ctx ends it.
func Parse(ctx context.Context, table settings.Table, file string, data []byte) (*Inventory, error) {
	sum := sha256.Sum256(data)
	// Some editors write a byte order mark, and line ends that the parser counts twice.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.Contains(data, []byte("\r\n")) {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	l := &inventoryParser{file: file, table: table.In(settings.Inventory), inventory: &Inventory{File: file, Digest: hex.EncodeToString(sum[:8])}}
	head, entries := splitEntries(data)
	if len(entries) > maxEntries {
		return nil, inventoryError(file, entries[maxEntries].before+1, "instances", "there are more than %d; split the inventory", maxEntries)
	}
	if err := l.document(head); err != nil {
		return nil, err
	}
	for n, e := range entries {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := l.entry(n, e); err != nil {
			return nil, err
		}
	}
	if len(l.inventory.Instances) == 0 {
		return nil, inventoryError(file, 0, "instances", "there are none; an entry looks like `- {name: acme, url: https://acme.halopsa.com}`")
	}
	return l.inventory, nil
}

// section is a part of an inventory that is parsed by itself.
type section struct {
	before int // lines before it
	text   []byte
}

// parse parses a section. It leaves the number of lines before it in l, for the lines of its nodes.
func (l *inventoryParser) parse(s section) ([]*ast.DocumentNode, error) {
	l.before = s.before
	err := document.CheckYAML(s.text, entryLimits)
	var exceeded *document.Error
	if errors.As(err, &exceeded) {
		return nil, inventoryError(l.file, s.before+exceeded.Line, "", "%s", exceeded.Message)
	}
	doc, err := parser.ParseBytes(s.text, 0)
	if err != nil {
		return nil, l.syntax(s.text, err)
	}
	return doc.Docs, nil
}

// syntax converts the parser's error to one line with its place, without quoting the text.
func (l *inventoryParser) syntax(data []byte, err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return inventoryError(l.file, 0, "", "it is not YAML")
	}
	number, message := at.GetToken().Position.Line, at.GetMessage()
	if first := duplicateKey().FindStringSubmatch(message); first != nil {
		n, _ := strconv.Atoi(first[1])
		return inventoryError(l.file, l.before+number, "", "a key is given twice; line %d has it first", l.before+n)
	}
	for text := range bytes.Lines(data) {
		if number--; number == 0 && bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("\t")) {
			return inventoryError(l.file, l.before+at.GetToken().Position.Line, "", "it is indented with a tab; YAML wants blanks")
		}
	}
	return inventoryError(l.file, l.before+at.GetToken().Position.Line, "", "it is not YAML: %s", unquoted(message))
}

// duplicateKey matches the parser's error about a repeated key, with the line of the first.
var duplicateKey = lazyregexp.New(`already defined at \[(\d+):`)

var quotes = lazyregexp.New("[`\"'].*[`\"']")

// unquoted hides what a message quotes, unless it is a word or two of punctuation.
func unquoted(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	return quotes().ReplaceAllStringFunc(message, func(q string) string {
		if len(q) <= 4 {
			return q
		}
		return "…"
	})
}

// inventoryParser collects an inventory while it is read.
type inventoryParser struct {
	file      string
	table     settings.Table
	before    int // lines before the section that is being parsed
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

// document reads all but the entries of a block list. It reads defaults and groups first, wherever they stand.
func (l *inventoryParser) document(parts []section) error {
	l.groups, l.names = map[string]block{}, map[string]int{}
	first := map[string]int{}
	var instances ast.Node
	for n, part := range parts {
		docs, err := l.parse(part)
		if err != nil {
			return err
		}
		for i, d := range docs {
			if i > 0 || n > 0 && d.Start != nil {
				return inventoryError(l.file, l.line(d.Body), "", "a second document starts here; an inventory is one")
			}
			entries, err := l.entries("", d.Body)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if at, twice := first[e.name]; twice {
					return inventoryError(l.file, e.line, safeKey(e.name), "it is given twice; line %d has it first", at)
				}
				first[e.name] = e.line
				if e.name == "instances" {
					instances = e.value
				} else if err := l.topLevel(e); err != nil {
					return err
				}
			}
		}
	}
	l.before = 0 // a list that is not a block list leaves the document in one part
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
		return inventoryError(l.file, l.line(n), "instances", "it is not a list; an entry starts with `- name:`")
	}
}

// topLevel reads one of the keys beside instances.
func (l *inventoryParser) topLevel(e entry) (err error) {
	switch e.name {
	case "version":
		if text, err := scalarText(e.value); err != nil || text != "1" {
			return inventoryError(l.file, e.line, "version", "this halocheck understands version 1 alone")
		}
	case "defaults":
		l.defaults, err = l.block("defaults", e.value, false)
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
	default:
		return inventoryError(l.file, e.line, e.name, "there is no such key; an inventory has version, defaults, groups and instances")
	}
	return err
}

// entry reads the nth entry of a block list.
func (l *inventoryParser) entry(n int, s section) error {
	docs, err := l.parse(s)
	if err != nil {
		return err
	}
	if len(docs) == 1 {
		if list, ok := docs[0].Body.(*ast.SequenceNode); ok && len(list.Values) == 1 {
			return l.instance(n, list.Values[0])
		}
	}
	return inventoryError(l.file, s.before+1, fmt.Sprintf("instances[%d]", n), "it is not one entry; an entry starts with `- name:`")
}

// instanceName is what an instance may be called: it becomes part of file names and of metrics.
var instanceName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// deviceName matches names that Windows keeps for devices, whatever their extension.
var deviceName = lazyregexp.New(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$`)

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
	case deviceName().MatchString(b.name):
		return inventoryError(l.file, b.line, where+": name", "it is the name of a device on Windows, and no file can be called so")
	case !instanceName().MatchString(b.name) || len(b.name) > maxName:
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
			if inherited := at < len(layers); inherited && isFake && l.setting(s.Name).PerInstance {
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
	for _, name := range l.settingNames() {
		s, ok := byName[name]
		switch {
		case !ok:
		case l.setting(name).Type == settings.SecretReference, l.setting(name).Type == settings.SecretFile:
			if err := l.setReference(&i, s); err != nil {
				return i, err
			}
		default:
			if l.setting(name).Type == settings.File {
				if l.setting(name).CommaSeparated {
					s.Values = namesOf(s.Values)
				}
				for n, value := range s.Values {
					if !isGuideName(s.Name, value) {
						s.Values[n] = l.resolvePath(value)
					}
				}
			}
			i.Settings = append(i.Settings, s)
		}
	}
	return i, i.checkComplete()
}

// namesOf takes names apart that are joined by commas.
func namesOf(values []string) (names []string) {
	for name := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// isGuideName tells a guide of the library, or all of them, from a file.
func isGuideName(setting, value string) bool {
	return slices.Contains([]string{"guide", "integrations", "plan"}, setting) && (value == "all" || guide.ByName(value) != nil)
}

// otherForm maps a setting to the one that excludes it.
var otherForm = map[string]string{
	"client-secret": "client-secret-file", "client-secret-file": "client-secret",
	"admin-secret": "admin-secret-file", "admin-secret-file": "admin-secret",
	"url": "fake", "fake": "url", "guide": "integrations", "integrations": "guide",
}

// setReference sets the reference to a secret.
func (l *inventoryParser) setReference(i *Instance, s Setting) error {
	r := Reference{Scheme: "file", Value: s.Values[0]}
	if l.setting(s.Name).Type == settings.SecretReference {
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
