package fakehalo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// modify is the step of each level from which records may be changed, remove that from which they may be deleted; where
// remove has none, modify's counts (halo-api §6).
var (
	modify = map[string]int{"Ux": 3, "Fx": 3, "Ix": 3, "Xx": 2, "Cx": 2, "Tx": 2, "Dx": 2, "Qx": 2, "Ox": 2, "Px": 2, "Bx": 2, "Sx": 2, "Ax": 2, "Rx": 2}
	remove = map[string]int{"Xx": 3, "Dx": 3}
)

// post creates and updates: each object with an id changes what it names of the record, each without makes a new one
// (wire-contract §2.7). Either all objects are kept, or none.
func (v tokenView) post(res *resource, r *http.Request) *reply {
	if !v.token.admin && v.role.levels[res.code] < modify[res.code] {
		return v.refuse(http.StatusForbidden)
	}
	raw, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return exception(http.StatusRequestEntityTooLarge, "The request is larger than this server accepts.")
	case err != nil:
		return &reply{drop: true} // the client is gone
	}
	var body any
	if err := decode(raw, &body); err != nil {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") { // as curl -d sends it
			return modelState("", "The body was sent as a form. Send it as application/json.")
		}
		return modelState("", "The body is not JSON.")
	}
	list, many := body.([]any)
	if !many {
		if v.dialect["post-object"] == "refused" {
			return modelState("", notAnArray) // halo-live §5
		}
		list = []any{body}
	}
	if len(list) == 0 {
		return modelState("", "The array is empty.")
	}
	return v.store.write(func() *reply { return v.upsertAll(v.store.tables[res.path], list, many, raw) })
}

// upsertAll makes what the objects of a POST ask for: all of it, or nothing.
func (v tokenView) upsertAll(t *table, list []any, many bool, raw []byte) *reply {
	rows := make([]*row, 0, len(list))
	fresh := map[int]int{}
	var ignored []string
	for n, one := range list {
		where := ""
		if many {
			where = fmt.Sprintf("[%d].", n)
		}
		given, ok := one.(map[string]any)
		if !ok {
			return modelState(strings.TrimSuffix(where, "."), "This is not an object.")
		}
		if t.res.name == "Report" && given["_loadreportonly"] == true {
			return v.adHoc(t, given)
		}
		ignored = append(ignored, t.res.unknownFields(given)...)
		given, wrong := v.known(t.res, given, where, raw)
		if wrong != nil {
			return wrong
		}
		made, no := v.upsert(t, given, fresh)
		if no != nil {
			return no
		}
		rows = append(rows, made)
	}
	slices.Sort(ignored)
	ignored = slices.Compact(ignored)
	if no := v.strictly(ignored); no != nil {
		return no
	}
	v.store.save(t, rows...)
	if moved := v.moved(t, rows); len(moved) > 0 {
		v.store.save(v.store.tables["tickets"], moved...)
	}
	out := v.postReply(t, rows)
	out.ignored, out.event = ignored, "updated"
	if len(fresh) > 0 {
		out.event = "created"
	}
	for _, r := range rows {
		out.wrote = append(out.wrote, r.json)
	}
	return out
}

// moved are the tickets that new actions change: their last action, their status and the files that they hold.
func (v tokenView) moved(t *table, rows []*row) (tickets []*row) {
	if t.res.name != "Actions" && t.res.name != "Attachment" {
		return nil
	}
	all := v.store.tables["tickets"]
	changed := map[int]record{}
	for _, r := range rows {
		of := t.record(r)
		id, _ := of["ticket_id"].(int)
		ticket := all.get(id)
		if ticket == nil {
			continue
		}
		if changed[id] == nil {
			changed[id] = all.record(ticket)
		}
		whole, before := changed[id], maps.Clone(changed[id])
		if t.res.name == "Attachment" {
			whole["attachment_count"] = whole["attachment_count"].(int) + 1
			continue
		}
		whole["lastactiondate"], whole["last_update"] = of["datetime"], of["datetime"]
		if status, _ := of["new_status"].(int); status > 0 {
			whole["status_id"] = status
		}
		v.updateDerived(all.res, whole, before)
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		tickets = append(tickets, mustMake(all, changed[id]))
	}
	return tickets
}

// postReply is the answer to a POST. What comes back for several objects, and whether a single one is bare, are switches.
func (v tokenView) postReply(t *table, rows []*row) *reply {
	last := rows[len(rows)-1]
	switch {
	case len(rows) > 1 && (v.queryBool("returnall") || v.dialect["post-many"] == "all"):
		return rawReply(http.StatusCreated, v.array(nil, t, rows, ""), "")
	case v.dialect["post-answer"] == "array":
		return rawReply(http.StatusCreated, v.array(nil, t, []*row{last}, ""), "")
	case v.dialect["post-answer"] == "enveloped" && t.res.key != "":
		return rawReply(http.StatusCreated, v.array(nil, t, []*row{last}, fmt.Sprintf("{%q:", t.res.key)), "}")
	}
	return rawReply(http.StatusCreated, last.json[:len(last.json):len(last.json)], "")
}

// known is what is known of an object of a POST, or the refusal of a value of the wrong type; where says which object of an
// array it is, "[0].".
func (v tokenView) known(res *resource, given record, where string, raw []byte) (record, *reply) {
	patch, err := res.read(given)
	var wrong *fieldError
	if errors.As(err, &wrong) {
		line, position := positionOf(raw, where, wrong.field)
		return nil, modelState(where+wrong.field, fmt.Sprintf("%s. Path '%s', line %d, position %d.", wrong.refusal(), where+wrong.field, line, position))
	}
	return patch, nil
}

// upsert makes the row that one object of a POST asks for. fresh counts the new ids of this request by parent.
func (v tokenView) upsert(t *table, patch record, fresh map[int]int) (*row, *reply) {
	id := t.res.numberOf(patch)
	if named, _ := patch["id"].(string); t.res.guids && named != "" && id == 0 {
		return nil, v.notFound()
	}
	if id <= 0 {
		return v.create(t, patch, fresh)
	}
	old := t.get(t.res.parentOf(patch)*parentStep + id)
	if t.res.parent == "" {
		old = t.get(id)
	}
	if old == nil || !v.canSee(t, old) {
		return nil, v.notFound()
	}
	if t.res.name == "Tickets" && !v.token.admin {
		closed := t.cell(old, "hasbeenclosed") == true
		if closed && !v.role.permissions["lf"] || v.assignedToOthers(t, old) && !v.role.permissions["le"] {
			return nil, v.refuse(http.StatusForbidden)
		}
	}
	whole := t.record(old)
	before := maps.Clone(whole)
	maps.Copy(whole, patch)
	t.res.setID(whole, id)
	v.updateDerived(t.res, whole, before)
	return mustMake(t, whole), nil
}

// create makes a new record.
func (v tokenView) create(t *table, patch record, fresh map[int]int) (*row, *reply) {
	switch t.res.name {
	case "Tickets":
		if !v.token.admin && !v.role.permissions["l6"] {
			return nil, v.refuse(http.StatusForbidden)
		}
		if _, dated := patch["dateoccurred"]; !dated {
			patch["dateoccurred"] = v.now.UTC().Format("2006-01-02T15:04:05.999")
		}
		if patch["status_id"] == nil {
			patch["status_id"] = 1
		}
	case "Attachment":
		if ticket, _ := patch["ticket_id"].(int); ticket > 0 && !v.seesTicket(ticket) {
			return nil, v.notFound()
		}
		if content, err := base64.StdEncoding.DecodeString(fmt.Sprint(patch["data_base64"])); err == nil {
			patch["filesize"] = len(content)
		}
		patch["datecreated"] = v.now.UTC().Format("2006-01-02T15:04:05")
	case "Actions":
		if !v.seesTicket(t.res.parentOf(patch)) {
			return nil, v.notFound()
		}
		if outcome, _ := patch["outcome"].(string); outcome == "" && patch["outcome_id"] == nil {
			return nil, exception(http.StatusBadRequest, "An Outcome must be entered for this Action") // recorded: halo-api §10
		}
		if _, dated := patch["datetime"]; !dated {
			patch["datetime"] = v.now.UTC().Format("2006-01-02T15:04:05.999")
		}
		if _, named := patch["who"]; !named {
			patch["who"] = v.agentName(map[bool]int{true: adminAgent, false: apiAgent}[v.token.admin])
		}
	}
	parent := t.res.parentOf(patch)
	fresh[parent] = max(fresh[parent], t.nextID(parent))
	t.res.setID(patch, fresh[parent])
	fresh[parent]++
	whole := t.res.complete(patch)
	v.updateDerived(t.res, whole, record{})
	return mustMake(t, whole), nil
}

func mustMake(t *table, of record) *row {
	r, err := t.make(of)
	if err != nil {
		panic(err) // read has made every value one that can be written
	}
	return r
}

// remove deletes one record and answers with it, so that its id is in the answer (wire-contract §2.8).
func (v tokenView) remove(res *resource, id string) *reply {
	step, ok := remove[res.code]
	if !ok {
		step = modify[res.code]
	}
	if !v.token.admin && (v.role.levels[res.code] < step || res.name == "Tickets" && !v.role.permissions["l4"]) {
		return v.refuse(http.StatusForbidden)
	}
	return v.store.write(func() *reply {
		t := v.store.tables[res.path]
		r := v.findRow(t, id)
		if r == nil {
			return v.notFound()
		}
		v.store.remove(t, r.key)
		out := rawReply(http.StatusOK, r.json[:len(r.json):len(r.json)], "")
		out.event, out.wrote = "deleted", [][]byte{r.json}
		return out
	})
}

// updateDerived fills in the fields that repeat what another field says, where that one changed.
func (v tokenView) updateDerived(res *resource, of, before record) {
	name := func(path string, id any) (string, bool) {
		t := v.store.tables[path]
		n, _ := id.(int)
		if whole, ok := id.(json.Number); ok {
			n, _ = strconv.Atoi(strings.TrimSuffix(whole.String(), ".0")) // a user's site_id: wire-contract §2.10
		}
		if r := t.get(n); r != nil {
			text, _ := t.cell(r, "name").(string)
			return text, true
		}
		return "", false
	}
	if site, ok := of["site_id"].(json.Number); ok && site != before["site_id"] {
		of["site_id_int"], _ = strconv.Atoi(strings.TrimSuffix(site.String(), ".0"))
	}
	for _, link := range []struct{ id, name, path string }{{"client_id", "client_name", "client"}, {"site_id", "site_name", "site"}, {"user_id", "user_name", "users"}} {
		if _, has := of[link.name]; has && of[link.id] != before[link.id] {
			if known, ok := name(link.path, of[link.id]); ok {
				of[link.name] = known
			}
		}
	}
	if res.name == "Tickets" {
		v.updateTeam(of, before)
	}
	if res.name == "Tickets" && of["status_id"] != before["status_id"] {
		closed := v.closes(of["status_id"])
		of["hasbeenclosed"], of["dateclosed"] = closed, noDate
		if closed {
			of["dateclosed"] = v.now.UTC().Format(time.DateOnly + "T15:04:05")
		}
	}
}

// updateTeam keeps a ticket's team and its id in step, whichever was given; who sees the ticket rests on the team.
func (v tokenView) updateTeam(of, before record) {
	id, _ := of["team_id"].(int)
	switch {
	case of["team"] != before["team"] && of["team"] != "":
		if at := slices.IndexFunc(v.teams, func(name string) bool { return strings.EqualFold(name, of["team"].(string)) }); at >= 0 {
			of["team"], of["team_id"] = v.teams[at], at+1
		}
	case of["team_id"] != before["team_id"] && id > 0 && id <= len(v.teams):
		of["team"] = v.teams[id-1]
	}
}

// closes tells whether a status closes a ticket: its type says so.
func (v tokenView) closes(status any) bool {
	id, _ := status.(int)
	t := v.store.tables["status"]
	r := t.get(id)
	return r != nil && t.cell(r, "type") == 1
}
