package application

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestWhatIsSaidOfAList: the number that a list gives of itself is not the rows that came.
func TestWhatIsSaidOfAList(t *testing.T) {
	n := func(n int) *int { return &n }
	at := func(status int) halo.Answer { return halo.Answer{Path: "Client", Status: status} }
	for want, l := range map[string]List{
		"GET /Client answers with 1 row of 717":                                                {Answer: at(200), Rows: n(717), Came: n(1)},
		"GET /Client gave no row, though its record_count is 717":                              {Answer: at(200), Rows: n(717), Came: n(0)},
		"GET /Client answers with 3 rows":                                                      {Answer: at(200), Rows: n(3), Came: n(3)},
		"GET /Client answers with 1 row":                                                       {Answer: at(200), Rows: n(1), Came: n(1)},
		"GET /Client answers with 4 rows":                                                      {Answer: at(200), Rows: n(4)}, // as older reports keep it
		"GET /Client answers with no rows: either there are none, or this agent is shown none": {Answer: at(200), Rows: n(0), Came: n(0)},
		"GET /Client answered status 200 and a body that cannot be read":                       {Answer: at(200)},
		"GET /Client answered status 403":                                                      {Answer: at(403)},
		"GET /Client answered status 404: the module may be switched off":                      {Answer: at(404)},
		"GET /Client answered status 400: the module may be switched off":                      {Answer: at(400)},
		"GET /Client answered status 500":                                                      {Answer: at(500)},
		"GET /Client answered status 204":                                                      {Answer: at(204)},
	} {
		if got := l.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestHowAListIsRead(t *testing.T) {
	rows := 0
	for name, c := range map[string]struct {
		list    List
		state   probes.State
		cause   probes.Cause
		refused bool
	}{
		"rows":                      {List{Answer: halo.Answer{Status: 200}, Rows: &rows}, probes.Shown, "", false},
		"no list":                   {List{Answer: halo.Answer{Status: 200}}, probes.NotRead, probes.AnswerMalformed, false},
		"refused":                   {List{Answer: halo.Answer{Status: 401}}, probes.Refused, probes.NotObserved, true},
		"refused, then answered":    {List{Answer: halo.Answer{Status: 200, Earlier: 401}, Rows: &rows}, probes.NotRead, probes.NotObserved, false},
		"refused twice, not alike":  {List{Answer: halo.Answer{Status: 403, Earlier: 401}}, probes.NotRead, probes.NotObserved, false},
		"silence":                   {List{Answer: halo.Answer{Cause: probes.Timeout, Detail: "15 s"}}, probes.NotRead, probes.Timeout, false},
		"silence, in older reports": {List{Answer: halo.Answer{Detail: "15 s"}}, probes.NotRead, probes.NotObserved, false},
	} {
		if r := c.list.Reading(); r.State != c.state || r.Cause != c.cause || c.list.Refused() != c.refused {
			t.Errorf("%s: %+v, refused %t", name, r, c.list.Refused())
		}
	}
}
