package fakehalo

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// defaultPage is the number of rows of a page without page_size: wire-contract §2.5.
const defaultPage = 50

// list answers with rows: a bare array, or an envelope.
func (v tokenView) list(res *resource) *reply {
	if !res.kept() {
		return v.listSettings(res)
	}
	t := v.store.tables[res.path]
	v.brief = len(res.detail) > 0
	head, tail, of := "", "", 0
	rows := v.selectRows(t, func(total int) (from, to int) {
		of = total
		if res.key == "" {
			return 0, min(v.queryInt("count", total), total)
		}
		from, to, head = v.page(res, total)
		return from, to
	})
	if res.key != "" {
		tail = "}"
	}
	if res.name == "Tickets" {
		tail = `,"include_children":false}` // after the rows: some clients take the first array, others the second key
	}
	out := pooledReply(func(into []byte) []byte { return append(v.array(into, t, rows, head), tail...) })
	out.rows, out.of = len(rows), of
	return out
}

// page says which rows were asked for, and makes the envelope's beginning. Paging is on only with pageinate=true; without it
// record_count is the number of rows that came, with it their total (wire-contract §2.5).
func (v tokenView) page(res *resource, total int) (from, to int, head string) {
	if !v.queryBool("pageinate") {
		to = min(v.queryInt("count", defaultPage), total)
		return 0, to, fmt.Sprintf(`{"record_count":%d,%q:`, to, res.key)
	}
	page, asked := v.queryInt("page_no", 1), v.queryInt("page_size", defaultPage)
	size := asked
	if res.cap > 0 {
		size = min(size, res.cap)
	}
	if v.dialect["page-cap"] == "100" {
		size = min(size, 100)
	}
	from = total
	if page-1 <= total/size {
		from = min((page-1)*size, total)
	}
	count := total
	if res.name == "Asset" && from == total {
		count = 0 // beyond the end: a client stops at nothing else (wire-contract §2.5)
	}
	to = min(from+min(size, total), total)
	return from, to, fmt.Sprintf(`{"page_no":%d,"page_size":%d,"record_count":%d,%q:`, page, asked, count, res.key)
}

// array appends a JSON array of rows, behind what comes before it. Records are copied as they were marshalled when they were
// last written.
func (v tokenView) array(out []byte, t *table, rows []*row, head string) []byte {
	short := v.namesOnly(t.res)
	agents := t.res.name == "Tickets" && v.queryBool("includeagent")
	out = append(append(out, head...), '[')
	for n, r := range rows {
		if n > 0 {
			out = append(out, ',')
		}
		switch {
		case short:
			out = append(out, encode(record{"id": r.id, "name": t.cell(r, "name")})...)
		case v.brief:
			out = append(out, encode(t.brief(r))...)
		case agents:
			out = append(out, withField(r.json, "agent_name", v.agentName(t.cell(r, "agent_id")))...)
		default:
			out = append(out, r.json...)
		}
	}
	return append(out, ']')
}

// brief is a row without what only a single record has.
func (t *table) brief(r *row) record {
	of := t.record(r)
	for _, name := range t.res.detail {
		delete(of, name)
	}
	return of
}

// withField is a record with one more field.
func withField(raw []byte, name string, value any) []byte {
	out := append([]byte{}, raw[:len(raw)-1]...)
	return fmt.Appendf(out, ",%q:%s}", name, encode(value))
}

func (v tokenView) agentName(id any) string {
	switch id {
	case unassigned:
		return "Unassigned"
	case adminAgent:
		return "Administrator"
	case apiAgent:
		return v.agent.name
	}
	return ""
}

// listSettings answers with what the instance's settings make.
func (v tokenView) listSettings(res *resource) *reply {
	rows := []record{}
	search := strings.ToLower(v.query.Get("search"))
	for _, row := range res.settings(v) {
		if strings.Contains(strings.ToLower(fmt.Sprint(row["name"])), search) {
			rows = append(rows, row)
		}
	}
	rows = rows[:min(v.queryInt("count", len(rows)), len(rows))]
	if shape := v.dialect["agent-list"]; res.name == "Agent" && shape != "bare" {
		return jsonReply(http.StatusOK, record{map[string]string{"enveloped": "results", "agents": "agents"}[shape]: rows})
	}
	return jsonReply(http.StatusOK, rows)
}

// recordByID is one object by its id, as it is sent; nil where there is none that this token may see.
func (v tokenView) recordByID(res *resource, id string) []byte {
	if !res.kept() {
		one := v.settingByID(res, id)
		if one == nil {
			return nil
		}
		return []byte(encode(one))
	}
	t := v.store.tables[res.path]
	r := v.findRow(t, id)
	if r == nil {
		return nil
	}
	raw := v.array(nil, t, []*row{r}, "")
	raw = raw[1 : len(raw)-1]
	if res.name == "Tickets" && !v.namesOnly(res) {
		// The single ticket alone names its priority: wire-contract §2.10.
		raw = withField(raw, "priority", v.priority(t.cell(r, "priority_id"), t.cell(r, "sla_id")))
	}
	return raw
}

// settings are the rows that the instance's settings make.
func (r *resource) settings(v tokenView) []record {
	rows := r.rows(v)
	if !r.partial {
		for n := range rows {
			rows[n] = r.complete(rows[n])
		}
	}
	return rows
}

func (v tokenView) settingByID(res *resource, id string) record {
	if res.one != nil {
		return res.one(v, id)
	}
	for _, row := range res.settings(v) {
		if fmt.Sprint(row["id"]) == id {
			return row
		}
	}
	return nil
}

// findRow is the row with an id that this token may see. Where ids restart within a parent, the query names it, or the first
// of that id is meant.
func (v tokenView) findRow(t *table, id string) *row {
	n, ok := t.res.parseID(id)
	if !ok || n < 0 || n >= parentStep && t.res.parent != "" {
		return nil
	}
	if t.res.parent == "" {
		if r := t.get(n); r != nil && v.canSee(t, r) {
			return r
		}
		return nil
	}
	parent := v.query.Get(t.res.parent)
	for _, r := range t.all() {
		if r.id == n && (parent == "" || strconv.Itoa(r.key/parentStep) == parent) && v.canSee(t, r) {
			return r
		}
	}
	return nil
}

// priority is what a single ticket says of its own: the row of its number and SLA, or of any SLA.
func (v tokenView) priority(id, sla any) record {
	t := v.store.tables["priority"]
	out := record{"id": id, "name": ""}
	for _, r := range t.all() {
		if t.cell(r, "priorityid") == id {
			out["name"] = t.cell(r, "name")
			if t.cell(r, "slaid") == sla {
				break
			}
		}
	}
	return out
}
