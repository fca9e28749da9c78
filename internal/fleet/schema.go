package fleet

import _ "embed"

// SchemaFile is the JSON Schema of an inventory. What it cannot say, such as that names are unique, the loader does.
//
//go:embed schema/inventory.schema.json
var SchemaFile []byte
