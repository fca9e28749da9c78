// Command mutants breaks one condition of a package after the other and runs the package's own tests on each: a mutant that
// they let live is a verdict that nobody checks. It changes no file: the compiler is given the mutant by -overlay.
//
// Mutated are the comparisons, the logical operators and the negations of every function that asks nothing over the wire,
// which is one without a [context.Context]: what judges, parses and reads. Unlike gremlins, which goes by the coverage
// profile, it reaches the conditions of a switch, and there most verdicts are decided.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// mutant is one change: the expression at Where reads New in place of Old.
type mutant struct {
	file, where, what string
	source            []byte
	verdict           string // killed, lived, timed out, not built
}

// swaps are what an operator is replaced with.
var swaps = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
}

func main() {
	root := flag.String("root", ".", "the module's folder")
	workers := flag.Int("workers", 1, "mutants tested side by side")
	least := flag.Float64("least", 0, "fail where fewer per cent are killed")
	in := flag.String("in", "", "only the mutants of places that match, such as scopes.go:37")
	flag.Parse()
	places, err := regexp.Compile(*in)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants: -in:", err)
		os.Exit(2)
	}
	dead, all := 0, 0
	for _, pkg := range flag.Args() {
		d, a, err := score(*root, pkg, *workers, places)
		if err != nil {
			fmt.Fprintln(os.Stderr, "mutants:", err)
			os.Exit(2)
		}
		dead, all = dead+d, all+a
	}
	share := 100 * float64(dead) / float64(max(all, 1))
	fmt.Printf("all: %d of %d killed, %.1f %%\n", dead, all, share)
	if share < *least {
		os.Exit(1)
	}
}

// score tests every mutant of a package and prints the survivors.
func score(root, pkg string, workers int, places *regexp.Regexp) (dead, all int, err error) {
	if out, err := test(root, pkg, ""); err != nil {
		return 0, 0, fmt.Errorf("%s is red without any mutant: %s", pkg, out)
	}
	list, err := mutantsOf(filepath.Join(root, pkg))
	if err != nil {
		return 0, 0, err
	}
	list = slices.DeleteFunc(list, func(m *mutant) bool { return !places.MatchString(m.where) })
	var wait sync.WaitGroup
	queue := make(chan *mutant)
	for range workers {
		wait.Go(func() {
			for m := range queue {
				m.verdict = m.run(root, pkg)
			}
		})
	}
	for _, m := range list {
		queue <- m
	}
	close(queue)
	wait.Wait()
	for _, m := range list {
		switch m.verdict {
		case "not built":
			continue
		case "killed", "timed out":
			dead++
		default:
			fmt.Printf("  lived  %s  %s\n", m.where, m.what)
		}
		all++
	}
	fmt.Printf("%s: %d of %d killed, %.1f %%\n", pkg, dead, all, 100*float64(dead)/float64(max(all, 1)))
	return dead, all, nil
}

// run is what the package's tests say of the mutant.
func (m *mutant) run(root, pkg string) string {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs(m.file)
	if err != nil {
		return err.Error()
	}
	raw, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return err.Error()
	}
	for name, data := range map[string][]byte{changed: m.source, overlay: raw} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err.Error()
		}
	}
	out, err := test(root, pkg, overlay)
	switch {
	case err == nil:
		return "lived"
	case bytes.Contains(out, []byte("[build failed]")), bytes.Contains(out, []byte("[setup failed]")):
		return "not built"
	case bytes.Contains(out, []byte("panic: test timed out")):
		return "timed out"
	}
	return "killed"
}

// test runs a package's own tests, the quick ones alone.
func test(root, pkg, overlay string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := []string{"test", "-short", "-count=1", "-vet=off", "-failfast", "-timeout=2m", "-ldflags=-s -w"}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	command := exec.CommandContext(ctx, "go", append(args, pkg)...)
	command.Dir = root
	return command.CombinedOutput()
}

// mutantsOf are the mutants of a package, in the order of its files.
func mutantsOf(dir string) ([]*mutant, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var list []*mutant
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		add := func(at token.Pos, what string) {
			var source bytes.Buffer
			if format.Node(&source, set, file) == nil {
				list = append(list, &mutant{file: name, where: fmt.Sprintf("%s:%d", filepath.Base(name), set.Position(at).Line), what: what, source: source.Bytes()})
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return !asks(n.Type)
			case *ast.FuncLit:
				return !asks(n.Type)
			case *ast.BinaryExpr:
				mutate(set, n, add)
			case *ast.UnaryExpr:
				if n.Op == token.NOT {
					was := n.X
					n.Op, n.X = token.NOT, &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: was}}
					add(n.Pos(), "without the ! of "+text(set, was))
					n.X = was
				}
			}
			return true
		})
	}
	return list, nil
}

// mutate adds the mutant of an operator, if there is one for it.
func mutate(set *token.FileSet, n *ast.BinaryExpr, add func(token.Pos, string)) {
	was := n.Op
	if to, ok := swaps[was]; ok {
		before := text(set, n)
		n.Op = to
		add(n.OpPos, fmt.Sprintf("%s for %s in %s", to, was, before))
		n.Op = was
	}
}

// asks tells a function that goes over the wire.
func asks(f *ast.FuncType) bool {
	return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool {
		of, ok := p.Type.(*ast.SelectorExpr)
		return ok && of.Sel.Name == "Context"
	})
}

// text is an expression as it is written, on one line.
func text(set *token.FileSet, n ast.Node) string {
	var out bytes.Buffer
	if format.Node(&out, set, n) != nil {
		_, _ = io.WriteString(&out, "an expression")
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
