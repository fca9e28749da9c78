package fakehalo_test

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/halocheck/halocheck/fakehalo"
)

func Example() {
	s := fakehalo.Start()
	defer s.Close()
	client := s.Client() // trusts it
	resp, err := client.Get(s.URL + "/api/authinfo")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, s.Requests()[0].Operation)
	// Output: 200 OK authinfo
}

func ExampleStart() {
	faults, err := fakehalo.Named("wrong-secret")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := fakehalo.Start(faults...)
	defer s.Close()
	resp, err := s.Client().PostForm(s.Credentials.AuthURL+"token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {s.Credentials.ClientID}, "client_secret": {s.Credentials.ClientSecret},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, s.CAFile != "", s.CAPool != nil)
	// Output: 401 Unauthorized true true
}

func ExampleStartWith() {
	s, err := fakehalo.StartWith(fakehalo.Options{Seed: fakehalo.Seed{Number: 7, Sizes: map[string]int{"Tickets": 300}}, Rate: 700})
	fmt.Println(s.Credentials.Tenant, err)
	s.Close()
	_, err = fakehalo.StartWith(fakehalo.Options{State: "/nowhere/at/all.db"})
	fmt.Println(err)
	// Output:
	// acme <nil>
	// the state file /nowhere/at/all.db: open /nowhere/at/all.db: no such file or directory
}

func ExampleNamed() {
	faults, err := fakehalo.Named("missing-intermediate", "dialect:claims=long")
	fmt.Println(faults[0].Says, err)
	_, err = fakehalo.Named("wrong-secrte")
	fmt.Println(err)
	// Output:
	// The server sends its leaf alone; the intermediate can be fetched. <nil>
	// there is no fault "wrong-secrte" (did you mean wrong-secret or wrong-order or wrong-name?)
}

func ExampleServer_Inject() {
	s := fakehalo.Start()
	defer s.Close()
	if err := s.Inject(fakehalo.Injection{Operation: "GET /api/authinfo", Status: 503, First: 1}); err != nil {
		fmt.Println(err)
	}
	for range 2 {
		resp, err := s.Client().Get(s.URL + "/api/authinfo")
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	fmt.Println(s.Inject(fakehalo.Injection{Operation: "GET /api/Tikets", Status: 503}))
	// Output:
	// 503
	// 200
	// injection 1: there is no operation "GET /api/Tikets" (did you mean "GET /api/Tickets"?)
}

func ExampleServer_Requests() {
	s := fakehalo.Start()
	defer s.Close()
	resp, err := s.Client().Do(mustRequest(http.MethodPut, s.URL+"/api/Tickets/2001"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path, r.Status, "near:", r.Near)
	}
	// Output: PUT /api/Tickets/2001 401 near: POST /api/Tickets
}

func mustRequest(method, address string) *http.Request {
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		panic(err)
	}
	return r
}
