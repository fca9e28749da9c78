package fakehalo

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

// download is an attachment as a file: a client takes its name from Content-Disposition (HaloAPI, Get-HaloAttachment).
func download(raw []byte) *reply {
	var of struct {
		Filename string `json:"filename"`
		Data     string `json:"data_base64"`
	}
	_ = json.Unmarshal(raw, &of) // made by table.make
	content, err := base64.StdEncoding.DecodeString(of.Data)
	if err != nil {
		content = []byte(of.Data)
	}
	return &reply{status: http.StatusOK, kind: "application/octet-stream", raw: append([]byte{}, content...), header: http.Header{
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": of.Filename})},
	}}
}

// withoutField is a record with one field less.
func withoutField(raw []byte, name string) []byte {
	of := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &of) // made by table.make
	delete(of, name)
	return []byte(encode(of))
}

// adHoc answers a report that is run and not kept (clients §3): the rows of the seeded report with the same SQL, or of the
// first one, since nothing here runs SQL. One that fails answers 200 with load_error (halo-live §5).
func (v tokenView) adHoc(t *table, given record) *reply {
	sql, _ := given["sql"].(string)
	body := record{"id": 0, "name": given["name"], "sql": sql, "report": record{"rows": []any{}}}
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(sql)), "select") && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(sql)), "with") {
		body["report"] = record{"rows": []any{}, "load_error": "Only a SELECT statement can be run."}
		return jsonReply(http.StatusCreated, body)
	}
	for n, r := range t.all() {
		if of := t.record(r); n == 0 || of["sql"] == sql {
			body["report"] = of["report"]
		}
	}
	return jsonReply(http.StatusCreated, body)
}
