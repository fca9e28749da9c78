package document

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// CheckYAML refuses text that a YAML parser would need much memory or time for: it counts the marks, and then scans the text
// with the parser's own scanner, which allocates some 250 bytes a mark. Text that passes may still be malformed.
func CheckYAML(text []byte, l Limits) error {
	if int64(len(text)) > l.Bytes {
		return tooLarge(l)
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return &Error{Message: "it is not text in UTF-8; save it as that"}
	}
	if err := countMarks(text, l); err != nil {
		return err
	}
	var s scanner.Scanner
	s.Init(string(text))
	c := yamlChecker{limits: l}
	for {
		tokens, err := s.Scan()
		if errors.Is(err, io.EOF) {
			return nil
		}
		for _, t := range tokens {
			if err := c.add(t); err != nil {
				return err
			}
		}
		if err != nil {
			return nil // the parser reports it, with its place
		}
	}
}

// countMarks refuses text with too many bytes that may start a token, wherever they stand.
func countMarks(text []byte, l Limits) error {
	marks, line := 0, 1
	for _, c := range text {
		if bytes.IndexByte(yamlMarks, c) < 0 {
			continue
		}
		if marks++; marks > l.Marks {
			return &Error{line, newError("it holds more than %d lines and punctuation marks", l.Marks).Message}
		}
		if c == '\n' {
			line++
		}
	}
	return nil
}

// yamlMarks may start a token.
var yamlMarks = []byte("[]{},:-?&*!|>#%@`'\"\n\r")

// yamlChecker follows the structure of a text by its tokens.
type yamlChecker struct {
	limits    Limits
	documents int
	line      int   // of the last token outside of brackets
	flow      []int // keys of each open bracket, the outermost first
	block     []level
}

// level is an open block map or list.
type level struct{ column, keys int }

func (c *yamlChecker) add(t *token.Token) error {
	switch t.Type {
	case token.DocumentHeaderType:
		if c.documents++; c.documents > maxDocuments {
			return errorAt(t, "it holds more than %d documents", maxDocuments)
		}
		c.block, c.flow = nil, nil
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return errorAt(t, "anchors and aliases are not understood; write the value where it is needed")
	case token.SequenceStartType, token.MappingStartType:
		if c.flow = append(c.flow, 0); len(c.flow) > c.limits.Depth {
			return errorAt(t, "brackets are nested more than %d deep", c.limits.Depth)
		}
	case token.SequenceEndType, token.MappingEndType:
		if len(c.flow) > 0 {
			c.flow = c.flow[:len(c.flow)-1]
			c.line = t.Position.Line // the bracket starts no line of its own
		}
	case token.MappingValueType, token.MappingKeyType, token.SequenceEntryType:
		return c.structure(t)
	}
	if len(c.flow) == 0 && t.Position.Line != c.line {
		c.line = t.Position.Line
		if t.Position.Column > maxIndent && t.Type != token.CommentType {
			return errorAt(t, "it is indented by more than %d columns", maxIndent)
		}
		c.open(t.Position.Column)
	}
	return nil
}

// structure counts a key, or an entry of a block list.
func (c *yamlChecker) structure(t *token.Token) error {
	keys := 0
	switch {
	case len(c.flow) > 0:
		c.flow[len(c.flow)-1]++
		keys = c.flow[len(c.flow)-1]
	case t.Type == token.SequenceEntryType || t.Type == token.MappingKeyType:
		if t.Position.Column > maxIndent {
			return errorAt(t, "lists are nested beyond column %d", maxIndent)
		}
		c.line = t.Position.Line
		c.open(t.Position.Column)
	case len(c.block) > 0:
		c.block[len(c.block)-1].keys++
		keys = c.block[len(c.block)-1].keys
	}
	if keys > c.limits.Keys {
		return errorAt(t, "a map has more than %d keys", c.limits.Keys)
	}
	return nil
}

// open closes the blocks that end before a column and opens one there.
func (c *yamlChecker) open(column int) {
	for len(c.block) > 0 && c.block[len(c.block)-1].column > column {
		c.block = c.block[:len(c.block)-1]
	}
	if len(c.block) == 0 || c.block[len(c.block)-1].column < column {
		c.block = append(c.block, level{column: column})
	}
}

func errorAt(t *token.Token, format string, args ...any) error {
	e := newError(format, args...)
	if t.Position != nil {
		e.Line = t.Position.Line
	}
	return e
}
