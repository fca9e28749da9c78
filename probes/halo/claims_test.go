package halo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func of(holders ...[]Claim) EffectiveClaims {
	var g EffectiveClaims
	for i, claims := range holders {
		g = append(g, ClaimSource{Name: []string{"agent", "first role", "second role"}[i], Claims: claims})
	}
	return g
}

func TestHighest(t *testing.T) {
	for _, test := range []struct {
		name   string
		grants EffectiveClaims
		code   string
		value  int
		from   string
		ok     bool
	}{
		{"nothing", of(nil), "Ux", 0, "", false},
		{"own", of([]Claim{{"Ux", "2"}}), "Ux", 2, "agent", true},
		{"role above own", of([]Claim{{"Ux", "0"}}, []Claim{{"Ux", "3"}}), "Ux", 3, "first role", true},
		{"own above role", of([]Claim{{"Ux", "3"}}, []Claim{{"Ux", "1"}}), "Ux", 3, "agent", true},
		{"the higher of two roles", of(nil, []Claim{{"Tx", "2"}}, []Claim{{"Tx", "1"}}), "Tx", 2, "first role", true},
		{"a role before the agent", of([]Claim{{"Tx", "2"}}, []Claim{{"Tx", "2"}}), "Tx", 2, "first role", true},
		{"long name", of([]Claim{{"Customers_Level", "2"}}), "Ux", 2, "agent", true},
		{"case matters", of([]Claim{{"LC", "1"}}), "lc", 0, "", false},
		{"true and false", of([]Claim{{"Can_Log_Tickets", "False"}}, []Claim{{"l6", "true"}}), "l6", 1, "first role", true},
		{"false is a value", of([]Claim{{"l6", "false"}}), "l6", 0, "agent", true},
		{"blanks around a number", of([]Claim{{"l6", " 1 "}}), "l6", 1, "agent", true},
		{"zero is a value", of([]Claim{{"Ux", "0"}}), "Ux", 0, "agent", true},
		{"the largest", of([]Claim{{"Ux", "2147483647"}}), "Ux", 2147483647, "agent", true},
		{"larger than any", of([]Claim{{"Ux", "2147483648"}}), "Ux", 0, "", false},
		{"a fraction", of([]Claim{{"Ux", "1.5"}}), "Ux", 0, "", false},
		{"not a number", of([]Claim{{"Ux", "NaN"}}), "Ux", 0, "", false},
		{"no number", of([]Claim{{"Ux", "much"}}), "Ux", 0, "", false},
		{"below zero", of([]Claim{{"Ux", "-1"}}), "Ux", 0, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			value, from, ok := test.grants.Highest(test.code)
			if value != test.value || from != test.from || ok != test.ok {
				t.Errorf("got %d from %q, %t; want %d from %q, %t", value, from, ok, test.value, test.from, test.ok)
			}
		})
	}
}

// TestAClaimThatCannotBeRead may grant anything, under its code and under its long name.
func TestAClaimThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		grants EffectiveClaims
		want   bool
	}{
		"no claims":           {of(nil), false},
		"a number":            {of([]Claim{{"Ux", "2"}}), false},
		"a word":              {of([]Claim{{"Ux", "much"}}), true},
		"a role's word":       {of([]Claim{{"Ux", "2"}}, []Claim{{"Customers_Level", "much"}}), true},
		"a word of another's": {of([]Claim{{"Ux", "2"}, {"Fx", "much"}}), false},
	} {
		if got := c.grants.Unreadable("Ux"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestAdministrator(t *testing.T) {
	for value, want := range map[string]bool{"true": true, "1": true, "false": false, "0": false, "": false} {
		if _, got := of(nil, []Claim{{"SA", value}}).Administrator(); got != want {
			t.Errorf("SA = %q: administrator is %t, want %t", value, got, want)
		}
	}
	if _, got := of([]Claim{{"Administration", "True"}}).Administrator(); !got {
		t.Error("the long name makes no administrator")
	}
}

func TestAbsenceMeansNo(t *testing.T) {
	for _, test := range []struct {
		name  string
		claim Claim
		code  string
		want  bool
	}{
		{"a relative by code", Claim{"Tx", "2"}, "Ux", true},
		{"a relative by its long name, and ours is known", Claim{"Ticket_Level", "2"}, "Ux", true},
		{"a long name, and ours is not documented", Claim{"Ticket_Level", "2"}, "Ix", false},
		{"another family", Claim{"l6", "1"}, "Ux", false},
		{"ticket permissions", Claim{"l6", "1"}, "le", true},
		{"an undocumented name may be ours", Claim{"Can_Edit_Others", "0"}, "le", false},
	} {
		if got := of([]Claim{test.claim}).AbsenceMeansNo(test.code); got != test.want {
			t.Errorf("%s: silence means no is %t, want %t", test.name, got, test.want)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, test := range []struct {
		name   string
		claims []Claim
		code   string
		value  int
		want   []int
	}{
		{"none is none in both codings", []Claim{{"Ux", "0"}}, "Ux", 0, []int{0}},
		{"three exists today only", []Claim{{"Ix", "3"}}, "Ix", 3, []int{3}},
		{"another level's three shows today's coding", []Claim{{"Ux", "1"}, {"Ix", "3"}}, "Ux", 1, []int{1}},
		{"so does Remove", []Claim{{"Ux", "1"}, {"Xx", "3"}}, "Ux", 1, []int{1}},
		{"a three of timesheets shows nothing", []Claim{{"Ux", "1"}, {"Hx", "3"}}, "Ux", 1, []int{1, 2}},
		{"so does a three of users", []Claim{{"Ux", "1"}, {"Fx", "3"}}, "Ux", 1, []int{1}},
		{"either", []Claim{{"Ix", "2"}, {"Tx", "2"}}, "Ix", 2, []int{2, 3}},
		{"long names only are an older instance's", []Claim{{"Customers_Level", "1"}, {"Ticket_Level", "2"}}, "Ux", 1, []int{2}},
		{"long names beside codes", []Claim{{"Customers_Level", "1"}, {"Ix", "2"}}, "Ux", 1, []int{1, 2}},
		{"three steps always", []Claim{{"Tx", "1"}}, "Tx", 1, []int{1}},
		{"invoices count alike in both", []Claim{{"Xx", "2"}}, "Xx", 2, []int{2}},
	} {
		if diff := cmp.Diff(test.want, of(test.claims).Steps(test.code, test.value)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestCount(t *testing.T) {
	for body, want := range map[string][2]int{
		`[]`:                  {0, 0},
		`[{"id":1},{"id":2}]`: {2, 2},
		`{"record_count":7,"clients":[{"id":1}]}`:   {1, 7},
		`{"record_count":"7","clients":[{"id":1}]}`: {1, 7},
		`{"record_count":7.0,"clients":[]}`:         {0, 7},
		`{"record_count":717,"clients":[]}`:         {0, 717},
		`{"record_count":0,"clients":[]}`:           {0, 0},
		`{"record_count":0,"clients":null}`:         {0, 0},
		`{"record_count":-1,"clients":[]}`:          {0, 0},
		`{"record_count":1e99,"clients":[{}]}`:      {1, 1},
		`{"record_count":"many","clients":[{}]}`:    {1, 1},
		`{"results":[{"id":1}]}`:                    {1, 1},
	} {
		if came, total, ok := Count([]byte(body), "clients"); !ok || came != want[0] || total != want[1] {
			t.Errorf("%s: %d of %d, %t; want %v", body, came, total, ok, want)
		}
	}
	for body, want := range map[string]int{`{"record_count":0}`: 0, `{"record_count":"7"}`: 7, `{"record_count":2147483647}`: 2147483647, `{"record_count":2147483648}`: -1, `{}`: -1, `[]`: -1, `<html>`: -1} {
		if n, ok := RecordCount([]byte(body)); ok != (want >= 0) || ok && n != want {
			t.Errorf("%s: %d, %t", body, n, ok)
		}
	}
	for _, body := range []string{`{}`, `null`, `<html>`, ``, `{"record_count":717}`, `{"record_count":717,"clients":null}`, `{"record_count":null}`} {
		if came, total, ok := Count([]byte(body), "clients"); ok {
			t.Errorf("%q: got %d of %d rows, want none to be counted", body, came, total)
		}
	}
}
