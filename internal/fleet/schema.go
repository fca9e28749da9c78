package fleet

import (
	_ "embed"
	"strings"

	"github.com/halocheck/halocheck/internal/settings"
)

// schemaText is the JSON Schema of an inventory but for its settings.
//
//go:embed schema/inventory.schema.json
var schemaText string

// settingsMark stands in the schema for the table of settings.
const settingsMark = `        "settings": "of the table"`

// InventorySchema is the JSON Schema of an inventory. What it cannot say, such as that names are unique, the loader does.
func InventorySchema(table settings.Table) []byte {
	return []byte(strings.Replace(schemaText, settingsMark, table.Schema("        "), 1))
}
