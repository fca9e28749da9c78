package fakehalo_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/fakehalo"
)

// TestASelectionIsTheSameAfterWritesAsAfresh holds the selections that are kept up to date against a server that makes
// them anew: whatever is written, both answer alike.
func TestASelectionIsTheSameAfterWritesAsAfresh(t *testing.T) {
	kept := serveWith(t, fakehalo.Options{PlainHTTP: true})
	bearer := loginAs(t, kept, kept.Admin, kept.AuthURL, "all").field("access_token")
	queries := []string{"?order=summary", "?client_id=2", "?order=client_name&orderdesc=true", "?search=a", "?open_only=true&order=priority_id", ""}
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(rt, "writes") {
			id := rapid.IntRange(2000, 2005).Draw(rt, "id") // 2000: a new one
			write := fmt.Sprintf(`[{"id":%d,"summary":%q,"client_id":%d,"status_id":%d,"priority_id":%d}]`,
				id, rapid.StringMatching("[abAB]{1,3}").Draw(rt, "summary"), rapid.IntRange(1, 3).Draw(rt, "client"),
				rapid.SampledFrom([]int{1, 9}).Draw(rt, "status"), rapid.IntRange(1, 3).Draw(rt, "priority"))
			if id == 2000 {
				write = strings.Replace(write, `"id":2000,`, "", 1)
			}
			a := writeWith(t, kept, bearer, http.MethodPost, "Tickets", write)
			if a.Status != 201 {
				rt.Fatalf("%d %s", a.Status, a.Body)
			}
			if id == 2000 && rapid.Bool().Draw(rt, "short-lived") {
				if a := writeWith(t, kept, bearer, http.MethodDelete, "Tickets/"+ids(a.Body), ""); a.Status != 200 {
					rt.Fatalf("%d %s", a.Status, a.Body)
				}
			}
		}
		for _, query := range queries {
			same := do(t, kept, http.MethodGet, kept.URL+"/api/Tickets"+query, bearer, nil).Body
			// A start date without datesearch chooses nothing, but makes it another selection.
			anew := "?startdate=" + strconv.Itoa(rapid.IntRange(1000, 1_000_000).Draw(rt, "fresh"))
			if query != "" {
				anew = query + "&" + anew[1:]
			}
			if fresh := do(t, kept, http.MethodGet, kept.URL+"/api/Tickets"+anew, bearer, nil).Body; fresh != same {
				rt.Fatalf("%q: %s\nafresh: %s", query, ids(same), ids(fresh))
			}
		}
	})
}

// TestTenThousandMixedRequests writes, reads, lists and deletes from many goroutines at once: no update is lost, and the
// journal has every request.
func TestTenThousandMixedRequests(t *testing.T) {
	writers, rounds := 20, 125 // each round is four requests: 10,000 in all
	if testing.Short() {
		rounds = 25
	}
	s := serveWith(t, fakehalo.Options{PlainHTTP: true, Seed: fakehalo.Seed{Sizes: map[string]int{"Tickets": 200}}})
	sound.Delete(strings.TrimPrefix(s.URL, "http://")) // what they answer is held against the description elsewhere
	bearer := loginAs(t, s, s.Admin, s.AuthURL, "all").field("access_token")
	before := len(s.Requests())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string, want int) answer {
		r, _ := http.NewRequest(method, s.URL+"/api/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+bearer)
		a := sendKept(t, client, r)
		if a.Status != want {
			t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
		return a
	}
	// Every writer has a field of the same ticket to itself: an update that is lost leaves an older number there.
	fields := []string{"client_id", "site_id", "user_id", "priority_id", "agent_id", "team_id", "sla_id", "impact", "urgency", "contract_id"}
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			ticket := 2001 + w/len(fields)
			field := fields[w%len(fields)]
			for n := 1; n <= rounds; n++ {
				ask(http.MethodPost, "Tickets", fmt.Sprintf(`[{"id":%d,%q:%d}]`, ticket, field, n), 201)
				made := ids(ask(http.MethodPost, "Tickets", `[{"summary":"short-lived"}]`, 201).Body)
				ask(http.MethodGet, fmt.Sprintf("tickets?pageinate=true&order=summary&client_id=%d", n%3+1), "", 200)
				ask(http.MethodDelete, "Tickets/"+made, "", 200)
			}
		})
	}
	all.Wait()
	if got := len(s.Requests()) - before; got != 4*writers*rounds {
		t.Errorf("the journal has %d requests of %d", got, 4*writers*rounds)
	}
	for w := range writers {
		a := ask(http.MethodGet, fmt.Sprintf("Tickets/%d", 2001+w/len(fields)), "", 200)
		if want := fmt.Sprintf("%q:%d,", fields[w%len(fields)], rounds); !strings.Contains(a.Body, want) {
			t.Errorf("writer %d's last update is lost: no %s in %s", w, want, a.Body)
		}
	}
	if a := ask(http.MethodGet, "Tickets?pageinate=true&page_size=1", "", 200); !strings.Contains(a.Body, `"record_count":200,`) {
		t.Errorf("what was deleted is there: %.80s", a.Body)
	}
}

// TestLongTextsAreSortedToTheirEnd: texts that are the same for longer than a sort key is; dates fit into one.
func TestLongTextsAreSortedToTheirEnd(t *testing.T) {
	same := strings.Repeat("Printer on the ", 3)
	var records []map[string]any
	for n, end := range []string{"third floor", "First floor", "", "second floor", "first floor"} {
		records = append(records, map[string]any{"id": 9001 + n, "summary": same + end, "dateoccurred": fmt.Sprintf("2031-05-13T18:01:50.34%d", (n*3)%5)})
	}
	s := serveWith(t, fakehalo.Options{Seed: fakehalo.Seed{Records: map[string][]map[string]any{"Tickets": records}}})
	for query, want := range map[string]string{
		"order=summary&search=printer%20on%20the": "9003 9002 9005 9004 9001", "order=summary&orderdesc=true&search=printer%20on%20the": "9001 9004 9002 9005 9003",
		"order=dateoccurred&search=printer%20on%20the": "9001 9003 9005 9002 9004",
	} {
		if got := ids(getAsAdmin(t, s, "Tickets?"+query).Body); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}
