package guide

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/suggest"
)

//go:embed library/*.yaml
var library embed.FS

// parsedDefault is what the YAML of the built-in guide says, as encoding/json writes it: each start of the command needs it, and
// parsing YAML takes as long as a handshake. "make generate" writes it.
//
//go:embed parsed/mspcentric.json
var parsedDefault []byte

// SchemaFile is the JSON Schema of a guide.
//
//go:embed schema/guide.schema.json
var SchemaFile []byte

// Default is the name of the built-in guide.
const Default = "mspcentric"

// Names are the names of the library's guides, in alphabetical order.
var Names = sync.OnceValue(func() []string {
	entries, err := library.ReadDir("library")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names) // mspcentric before mspcentric-older
	return names
})

// parsed holds each guide of the library once it was asked for.
var parsed sync.Map

// ByName is a guide of the library; nil for an unknown name. It is shared: nobody changes it.
func ByName(name string) *Guide {
	name = strings.ToLower(name)
	if !slices.Contains(Names(), name) {
		return nil
	}
	g, _ := parsed.LoadOrStore(name, sync.OnceValue(func() *Guide { return read(name) }))
	return g.(func() *Guide)() //nolint:forcetypeassert // nothing else is stored
}

// read reads a guide of the library. A test reads them all: a binary with a bad guide is not released.
func read(name string) *Guide {
	if name == Default {
		var g Guide
		if err := json.Unmarshal(parsedDefault, &g); err != nil {
			panic(err)
		}
		return &g
	}
	g, err := parse(name)
	if err != nil {
		panic(err)
	}
	return g
}

// parse reads a guide's YAML.
func parse(name string) (*Guide, error) {
	text, err := library.ReadFile("library/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	g, err := decode(name+".yaml", text)
	if err != nil {
		return nil, err
	}
	g.ID = name
	if name == Default {
		g.Text = ""
	}
	return g, nil
}

// BuiltIn is the guide that is used where none is named.
func BuiltIn() *Guide { return ByName(Default) }

// Library are all its guides, in the order of [Names].
func Library() []*Guide {
	var guides []*Guide
	for _, name := range Names() {
		guides = append(guides, ByName(name))
	}
	return guides
}

// Open is the guide that a user names: a file, or, where there is no file of that name, a guide of the library.
func Open(ctx context.Context, name string) (*Guide, error) {
	if strings.ContainsAny(name, `/\.`) {
		return Load(ctx, name)
	}
	at, err := os.Stat(name)
	if folder := err == nil && at.IsDir(); !folder && !errors.Is(err, fs.ErrNotExist) {
		return Load(ctx, name)
	}
	if g := ByName(name); g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("guide: %q is neither a file nor a guide of the library%s", name, suggest.Text(name, Names(), ""))
}

// Load reads and validates a guide file. The error names the file, the line and the field.
func Load(ctx context.Context, name string) (*Guide, error) {
	data, err := document.ReadFile(ctx, name, document.Settings)
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	return Parse(name, data)
}
