package settings

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Schema are the properties of an inventory's settings in JSON Schema, each on a line behind the indent. They refer to the
// definitions text, texts and secret.
func (t Table) Schema(indent string) string {
	var lines []string
	for _, s := range t.In(Inventory) {
		lines = append(lines, indent+quoted(s.Name)+": "+s.schema())
	}
	return strings.Join(lines, ",\n")
}

// schema is what a value looks like, and what it means.
func (s Setting) schema() string {
	form := `"$ref": "#/$defs/text"`
	switch {
	case s.Type == SecretReference:
		form = `"$ref": "#/$defs/secret"`
	case s.Type == Word:
		words := make([]string, len(s.Words))
		for i, w := range s.Words {
			words[i] = quoted(w)
			if w == "on" { // YAML 1.1 reads on and off as true and false
				words = append(words, "true", "false")
			}
		}
		form = `"enum": [` + strings.Join(words, ", ") + `]`
		if s.Repeatable {
			form = fmt.Sprintf(`"oneOf": [{%s}, {"type": "array", "minItems": 1, "items": {%s}}]`, form, form)
		}
	case s.Repeatable:
		form = `"$ref": "#/$defs/texts"`
	}
	text := s.Plain()
	if s.Type == SecretFile {
		text = "the file with " + text
	}
	return fmt.Sprintf(`{%s, "description": %s}`, form, quoted(text))
}

// quoted is a text in JSON.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // no string has one
	}
	return string(out)
}
