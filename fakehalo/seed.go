package fakehalo

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Seed says which invented records an instance starts with. The same seed gives the same records, byte for byte. The zero
// value is the small set that the documentation speaks of: 3 clients, 3 sites, 3 users, 5 tickets and a few of the rest.
type Seed struct {
	Number  uint64         // what the further records' contents are drawn from
	Sizes   map[string]int // records by resource, such as {"Tickets": 100000}; a size below the small set's leaves that as it is
	Records map[string][]map[string]any
}

// plant fills the tables that the state file did not have.
func (st *store) plant() error {
	for n, res := range resources() {
		if !res.kept() || st.known[res.path] {
			continue
		}
		t := st.tables[res.path]
		var rows []*row
		add := func(of record) error {
			made, err := t.make(res.complete(of))
			rows = append(rows, made)
			return err
		}
		small := slices.Concat(smallSet()[res.name], moreSeeds()[res.name])
		for _, of := range small {
			if err := add(of); err != nil {
				return err
			}
		}
		random := rand.New(rand.NewPCG(st.seed.Number, uint64(n)))
		for i := len(small); i < st.seed.Sizes[res.name]; i++ {
			made := invent(res.name, i, random)
			if n, ok := made["id"].(int); ok {
				res.setID(made, n)
			}
			if err := add(made); err != nil {
				return err
			}
		}
		for i, of := range st.seed.Records[res.name] {
			given, err := res.read(of)
			if err != nil {
				return fmt.Errorf("%s, record %d: %w", res.name, i+1, err)
			}
			if n := res.numberOf(given); n > 0 {
				res.setID(given, n)
			} else {
				res.setID(given, 9001+i) // beyond the small set
			}
			if err := add(given); err != nil {
				return err
			}
		}
		st.save(t, rows...)
	}
	if st.disk == nil {
		return nil
	}
	if err := st.commitPending(); err != nil {
		return err
	}
	return st.disk.markSeeded()
}

// smallSet are the records that every instance has. Lookup 11 must not be empty: a client refuses to work without it
// (wire-contract §2.4).
var smallSet = sync.OnceValue(func() map[string][]record {
	return map[string][]record{
		"Client": {{"id": 1, "name": "Acme Ltd"}, {"id": 2, "name": "Globex"}, {"id": 3, "name": "Initech"}},
		"Site": {
			{"id": 1, "name": "Main", "client_id": 1, "client_name": "Acme Ltd"}, {"id": 2, "name": "Main", "client_id": 2, "client_name": "Globex"},
			{"id": 3, "name": "Main", "client_id": 3, "client_name": "Initech"},
		},
		"Users": {
			userOf(1, "Ada Byron", 1, "Acme Ltd"), userOf(2, "Hank Scorpio", 2, "Globex"), userOf(3, "Peter Gibbons", 3, "Initech"),
		},
		"Tickets": {
			with(ticketOf(2001, "Printer on fire", "Service Desk", unassigned, 1), record{"attachment_count": 1, "lastactiondate": "2026-05-13T18:05:00", "last_update": "2026-05-13T18:05:00"}),
			ticketOf(2002, "New starter", "Service Desk", adminAgent, 2),
			with(ticketOf(2003, "Backup failed", "Projects", apiAgent, 3), record{"lastactiondate": "2026-05-13T19:00:00", "last_update": "2026-05-13T19:00:00"}),
			ticketOf(2004, "Disk almost full", "Service Desk", apiAgent, 3), ticketOf(2005, "Payment overdue", "Finance", adminAgent, 1),
		},
		"Actions": {
			{"id": 1, "ticket_id": 2001, "outcome": "Note", "outcome_id": 7, "note": "Called the fire brigade.", "who": "Administrator", "datetime": "2026-05-13T18:05:00"},
			{"id": 1, "ticket_id": 2003, "outcome": "Note", "outcome_id": 7, "note": "No space left on the target.", "who": "Administrator", "datetime": "2026-05-13T19:00:00"},
		},
		"Item": {
			{"id": 1, "name": "Managed Workstation", "baseprice": fraction(40), "costprice": fraction(20)}, // in the instance's currency
			{"id": 2, "name": "Managed Server", "baseprice": fraction(50), "costprice": fraction(25)},
		},
		"Invoice":          {{"id": 301, "client_id": 1, "client_name": "Acme Ltd", "invoicenumber": "INV-301", "posted": true, "invoice_date": "2026-05-01T00:00:00"}},
		"RecurringInvoice": {{"id": 51, "client_id": 1, "client_name": "Acme Ltd", "invoicenumber": "REC-51", "invoice_date": "2026-06-01T00:00:00"}},
		"ClientContract":   {{"id": 41, "client_id": 1, "client_name": "Acme Ltd", "ref": "MSA-41", "active": true, "billingperiod": 3}},
		"Asset":            {{"id": 71, "inventory_number": "WS-071", "client_id": 1, "client_name": "Acme Ltd", "assettype_id": 1, "assettype_name": "Workstation"}},
		"Status": {
			{"id": 1, "name": "New"}, {"id": 2, "name": "In Progress"}, {"id": 9, "name": "Closed", "type": 1}, {"id": 28, "name": "On Hold"}, // clients §3
		},
		"Priority": priorities(),
		"Lookup": {
			{"id": 1, "lookupid": 11, "name": "Customer"}, {"id": 2, "lookupid": 11, "name": "Supplier"}, {"id": 1, "lookupid": 17, "name": "Email"},
		},
	}
})

// priorities are three for each of two SLAs.
func priorities() (rows []record) {
	for sla := range 2 {
		for n, name := range []string{"Critical", "High", "Medium"} {
			rows = append(rows, record{
				"id": guid(len(rows) + 1), "priorityid": n + 1, "priorityorder": n + 1, "slaid": sla + 1, "name": name,
				"responsetime": n + 1, "fixtime": 4 * (n + 1), // hours
			})
		}
	}
	return rows
}

func userOf(id int, name string, client int, clientName string) record {
	return record{
		"id": id, "name": name, "site_id": fraction(float64(client)), "site_id_int": client, "site_name": "Main", "client_id": client,
		"client_name": clientName, "emailaddress": fmt.Sprintf("user%d@client%d.example", id, client),
	}
}

// ticketOf is a ticket of the client that its id falls on; deadlines hold the sentinel for none (halo-api §11).
func ticketOf(id int, summary, team string, agent, kind int) record {
	client := (id - 2001) % len(clientNames)
	return record{
		"id": id, "summary": summary, "client_id": client + 1, "client_name": clientNames[client], "site_id": client + 1, "site_name": "Main",
		"user_id": client + 1, "status_id": 1, "tickettype_id": kind, "priority_id": 3, "sla_id": 1, "agent_id": agent,
		"team": team, "team_id": slices.Index(teamNames, team) + 1, "dateoccurred": "2026-05-13T18:01:50.347", "impact": 3, "urgency": 3,
	}
}

// with is a record with further fields.
func with(of, more record) record {
	maps.Copy(of, more)
	return of
}

// Words that invented records are made of.
var (
	things   = []string{"Printer", "Laptop", "Backup", "Mailbox", "Switch", "Licence", "Phone", "Server"}
	troubles = []string{"does not start", "is slow", "has to be replaced", "reports an error", "was stolen", "needs an update"}
)

// invent draws the nth record of a resource, counting from 0.
func invent(name string, n int, random *rand.Rand) record {
	client := random.IntN(len(clientNames))
	owner := record{"client_id": client + 1, "client_name": clientNames[client], "site_id": client + 1}
	label := things[random.IntN(len(things))] + " " + strconv.Itoa(n+1)
	switch name {
	case "Tickets":
		out := ticketOf(2001+n, label+" "+troubles[random.IntN(len(troubles))], teamNames[random.IntN(2)], apiAgent, 1+random.IntN(len(typeNames)))
		deskTicket(out, random)
		return out
	case "Client":
		return record{"id": n + 1, "name": "Client of " + label}
	case "Users":
		return userOf(n+1, "User of "+label, client+1, clientNames[client])
	case "Actions":
		return record{"id": n, "ticket_id": 2001, "outcome": "Note", "outcome_id": 7, "note": label + " was looked at."}
	case "Priority":
		return record{"id": guid(n + 1), "priorityid": n + 1, "slaid": 1, "name": label}
	case "Lookup":
		return record{"id": n, "lookupid": 11, "name": label}
	}
	owner["id"], owner["name"], owner["ref"], owner["invoicenumber"], owner["inventory_number"] = 1001+n, label, label, label, label
	res := resourceAt("/api/" + strings.ToLower(name))
	maps.DeleteFunc(owner, func(name string, _ any) bool {
		return !slices.ContainsFunc(res.fields, func(f field) bool { return f.name == name })
	})
	return owner
}

// deskTicket makes a ticket one of a desk's: of any status and age, with an agent, a category, details and deadlines.
func deskTicket(of record, random *rand.Rand) {
	at := time.Date(2026, 1, 1, 0, random.IntN(300_000), 0, 0, time.UTC)
	when := func(hours int) string { return at.Add(time.Duration(hours) * time.Hour).Format("2006-01-02T15:04:05") }
	priority, status := 1+random.IntN(3), []int{1, 2, 2, 28, 9, 9}[random.IntN(6)]
	category := moreSeeds()["Category"][random.IntN(2)]
	of["priority_id"], of["status_id"], of["agent_id"] = priority, status, []int{unassigned, adminAgent, apiAgent, apiAgent}[random.IntN(4)]
	of["dateoccurred"], of["respondbydate"], of["fixbydate"], of["deadlinedate"] = when(0), when(priority), when(4*priority), when(4*priority)
	of["lastactiondate"], of["last_update"] = when(1), when(1)
	of["category_1"], of["details"] = category["value"], fmt.Sprintf("%s, since this morning.", of["summary"])
	of["reportedby"], of["source"], of["timetaken"] = "user", "email", fraction(float64(random.IntN(8))/4)
	if of["client_id"] == 1 {
		of["contract_id"] = 41
	}
	if status == 9 {
		closed := when(1 + random.IntN(72))
		of["hasbeenclosed"], of["dateclosed"], of["lastactiondate"], of["last_update"] = true, closed, closed, closed
	}
}
