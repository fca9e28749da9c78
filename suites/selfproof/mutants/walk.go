package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// walk puts the mutants of a syntax tree in. What opens is put before what stands inside is walked, what closes after it,
// so that mutants nest.
func (m *mutator) walk(n ast.Node) {
	var closing []func()
	switch n := n.(type) {
	case *ast.FuncDecl:
		if !m.wire && asks(n.Type) {
			return
		}
	case *ast.FuncLit:
		if !m.wire && asks(n.Type) {
			return
		}
	case *ast.GenDecl:
		if n.Tok == token.CONST || n.Tok == token.IMPORT {
			return
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Causes" {
			return // a declaration, which the suites hold against the verdicts
		}
	case *ast.IfStmt:
		m.roles[n.Cond] = condition
	case *ast.ForStmt:
		m.roles[n.Cond] = condition
	case *ast.SwitchStmt:
		m.cases(n)
	case ast.Expr:
		closing = m.expression(n)
	}
	for _, inner := range within(n) {
		m.walk(inner)
	}
	for _, c := range slices.Backward(closing) {
		c()
	}
}

// within are the nodes one step inside a node, in the order in which they are written.
func within(n ast.Node) []ast.Node {
	var list []ast.Node
	ast.Inspect(n, func(inner ast.Node) bool {
		if inner != nil && inner != n {
			list = append(list, inner)
		}
		return inner == n
	})
	return list
}

// role is what an expression is there for.
type role int

const (
	none      role = iota
	condition      // a truth value that decides
	tag            // the value that a switch compares
	namedTag       // the same, by a name
	value          // a value that it is compared with
	operand        // one side of a comparison
)

// cases notes what decides a switch. What it compares is kept under a name of its own; where there is no room for that,
// after a statement, it has to be a name already.
func (m *mutator) cases(n *ast.SwitchStmt) {
	of, kept := condition, "mutantTag"
	switch {
	case n.Tag == nil:
	case n.Init == nil:
		m.roles[n.Tag], of = tag, value
	case isName(n.Tag):
		m.roles[n.Tag], of, kept = namedTag, value, m.text(n.Tag)
	default:
		return
	}
	for _, clause := range n.Body.List {
		for _, e := range clause.(*ast.CaseClause).List {
			m.roles[e], m.tags[e] = of, kept
		}
	}
}

// isName tells an expression that can be written twice: a name, or a field of one.
func isName(e ast.Expr) bool {
	if field, ok := e.(*ast.SelectorExpr); ok {
		return isName(field.X)
	}
	_, ok := e.(*ast.Ident)
	return ok
}

// expression opens the mutants of an expression and returns what closes them, to be called from the last to the first.
func (m *mutator) expression(n ast.Expr) (closing []func()) {
	wrap := func(before, after string) {
		m.put(n.Pos(), before)
		closing = append(closing, func() { m.put(n.End(), after) })
	}
	is := m.roles[n]
	switch is {
	case tag:
		wrap("mutantTag := ", ";")
	case namedTag:
		wrap("mutantTrue(", ")")
	case value:
		wrap("(("+m.tags[n]+" == (", fmt.Sprintf(")) != mutantIs(%d))", m.add(n.Pos(), "another value for case %s", m.text(n))))
	}
	switch n := n.(type) {
	case *ast.ParenExpr:
		m.roles[n.X] = is
		return closing
	case *ast.BinaryExpr:
		if to, ok := swaps[n.Op]; ok {
			m.binary(n, to, wrap)
			return closing
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			wrap("((", fmt.Sprintf(") != mutantIs(%d))", m.add(n.Pos(), "no ! in %s", m.text(n))))
			return closing
		}
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			wrap("(", fmt.Sprintf(" != mutantIs(%d))", m.add(n.Pos(), "not %s", n.Name)))
			return closing
		}
	case *ast.SelectorExpr:
		m.word(n, is, wrap)
	}
	if is == condition {
		wrap("((", fmt.Sprintf(") != mutantIs(%d))", m.add(n.Pos(), "! before %s", m.text(n))))
	}
	return closing
}

// binary opens the mutant of an operator. That of && and || negates the operands and the result, which is the other one.
func (m *mutator) binary(n *ast.BinaryExpr, to token.Token, wrap func(before, after string)) {
	on := fmt.Sprintf("mutantIs(%d)", m.add(n.OpPos, "%s for %s in %s", to, n.Op, m.text(n)))
	switch n.Op {
	case token.EQL, token.NEQ:
		m.roles[n.X], m.roles[n.Y] = operand, operand
		wrap("((", ") != "+on+")")
	case token.LAND, token.LOR:
		m.roles[n.X], m.roles[n.Y] = condition, condition // so that each has its brackets
		wrap("((", " != "+on+") != "+on+")")
		m.put(n.OpPos, " != "+on+" ")
	default:
		wrap("((", fmt.Sprintf(") != (%s && (%s) == (%s)))", on, m.text(n.X), m.text(n.Y)))
	}
}

// word opens the mutant of a verdict or a cause. What is compared with one has a mutant already.
func (m *mutator) word(n *ast.SelectorExpr, is role, wrap func(before, after string)) {
	if of, ok := n.X.(*ast.Ident); !ok || of.Name != "probes" || is == operand || is == value {
		return
	}
	other, name := "", ""
	if to, ok := verdicts[n.Sel.Name]; ok {
		name, other = "probes."+to[0], to[1]
	} else if kind, ok := m.words[n.Sel.Name]; ok {
		other = fmt.Sprintf("probes.%s(%q)", kind, "mutant")
		name = other
	} else {
		return
	}
	wrap(fmt.Sprintf("mutantPick(%d, ", m.add(n.Pos(), "%s for %s", name, m.text(n))), ", "+other+")")
}

// asks tells a function that goes over the wire.
func asks(f *ast.FuncType) bool {
	return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool {
		of, ok := p.Type.(*ast.SelectorExpr)
		return ok && of.Sel.Name == "Context"
	})
}
