package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one change, built in and off: the code at where reads as what says while the mutant of this number is on.
type mutant struct {
	number      int // from 1
	where, what string
}

// swaps are what an operator is replaced with.
var swaps = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
}

// verdicts are what a verdict is replaced with, by its name: another one's name, and an expression of the same type.
var verdicts = map[string][2]string{
	"Pass":         {"DoesNotApply", "func(because string, _ any, _ ...any) probes.Verdict { return probes.DoesNotApply(because) }"},
	"DoesNotApply": {"Pass", "func(because string) probes.Verdict { return probes.Pass(because, true) }"},
	"Fail":         {"CannotTell", "probes.CannotTell"},
	"CannotTell":   {"Fail", "probes.Fail"},
}

// switchboard is the file that a package is given beside its own.
const switchboard = `package %s

import (
	"os"
	"strconv"
	"sync"
)

var (
	mutantNow, _ = strconv.Atoi(os.Getenv("MUTANT"))
	mutantMet    sync.Map
)

func mutantIs(number int) bool {
	if mutantNow < 0 {
		mutantNote(number)
	}
	return number == mutantNow
}

func mutantNote(number int) {
	if _, met := mutantMet.LoadOrStore(number, true); met {
		return
	}
	to, err := os.OpenFile(os.Getenv("MUTANTS_SEEN"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	defer to.Close()
	if _, err := to.WriteString(strconv.Itoa(number) + "\n"); err != nil {
		panic(err)
	}
}

func mutantPick[T any](number int, was, is T) T {
	if mutantIs(number) {
		return is
	}
	return was
}

func mutantTrue[T any](T) bool { return true }
`

// vocabulary are the constants of the package probes that a verdict is made of, a type's name each.
func vocabulary(dir string) (map[string]string, error) {
	words := map[string]string{}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if of, ok := spec.Type.(*ast.Ident); ok && (of.Name == "Cause" || of.Name == "Status") {
					words[spec.Names[0].Name] = of.Name
				}
			}
			return true
		})
	}
	return words, err
}

// mutate are the files of a package with every mutant in them, by name, and the mutants in the order of the files.
func mutate(dir string, words map[string]string, wire bool) (map[string][]byte, []*mutant, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	files := map[string][]byte{}
	m := &mutator{words: words, wire: wire}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		m.file, m.source, m.edits, m.roles, m.tags = set.File(file.Pos()), source, nil, map[ast.Expr]role{}, map[ast.Expr]string{}
		m.walk(file)
		files[filepath.Base(name)] = m.edited()
		files["mutants_switchboard.go"] = fmt.Appendf(nil, switchboard, file.Name.Name)
	}
	return files, m.list, nil
}

// mutator writes mutants into the text of one file after the other, so that its lines stay what they are.
type mutator struct {
	words  map[string]string
	wire   bool
	list   []*mutant
	file   *token.File
	source []byte
	edits  []edit
	roles  map[ast.Expr]role
	tags   map[ast.Expr]string // what a value of a case is compared with
}

// edit is a text that comes before the byte at an offset. Of those at one offset, the first comes first.
type edit struct {
	at   int
	text string
}

// edited is the file with all edits.
func (m *mutator) edited() []byte {
	slices.SortStableFunc(m.edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	from := 0
	for _, e := range m.edits {
		out = append(append(out, m.source[from:e.at]...), e.text...)
		from = e.at
	}
	return append(out, m.source[from:]...)
}

// put inserts a text.
func (m *mutator) put(at token.Pos, text string) {
	m.edits = append(m.edits, edit{m.file.Offset(at), text})
}

// text is an expression as it is written.
func (m *mutator) text(n ast.Node) string {
	return string(m.source[m.file.Offset(n.Pos()):m.file.Offset(n.End())])
}

// add notes a mutant and returns its number.
func (m *mutator) add(at token.Pos, what string, args ...any) int {
	p := m.file.Position(at)
	n := &mutant{number: len(m.list) + 1, where: fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)}
	n.what = strings.Join(strings.Fields(fmt.Sprintf(what, args...)), " ")
	m.list = append(m.list, n)
	return n.number
}
