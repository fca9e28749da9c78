package contract_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo/contract"
)

// careless says what a client does wrong; the zero value is the careful one.
type careless struct {
	trustsAnybody, followsRedirects, writes, ignoresRetryAfter, keepsOldToken, newTokenForever, retriesForever, oneClass bool
	tellsSecret, takesAnything, onePage, noPageinate, trustsPageSize, strictDates, needsFields, needsTenant              bool
}

// failure is an error with its class.
type failure struct {
	class contract.Class
	text  string
}

func (f failure) Error() string { return f.text }

func classOf(err error) contract.Class {
	var f failure
	if errors.As(err, &f) {
		return f.class
	}
	return contract.Unclassified
}

// job reads all tickets of an instance.
type job struct {
	careless
	contract.Connection
	http   *http.Client
	bearer string
}

// client is a contract.Client of this kind.
func (c careless) client(ctx context.Context, to contract.Connection) error {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: to.Roots, InsecureSkipVerify: c.trustsAnybody}}
	defer transport.CloseIdleConnections()
	j := &job{careless: c, Connection: to, http: &http.Client{Transport: transport}}
	if !c.followsRedirects {
		j.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	err := j.run(ctx)
	switch {
	case err != nil && c.tellsSecret:
		return failure{classOf(err), err.Error() + " with " + to.ClientSecret}
	case err != nil && c.oneClass:
		return failure{contract.Transient, err.Error()}
	}
	return err
}

func (j *job) run(ctx context.Context) error {
	if err := j.login(ctx); err != nil {
		return err
	}
	if j.writes {
		_, _ = j.call(ctx, http.MethodPost, j.URL+"/api/Tickets", `[{"summary":"it was here"}]`)
	}
	size, read := 100, 0
	for page := 1; ; page++ {
		query := fmt.Sprintf("pageinate=true&page_size=%d&page_no=%d", size, page)
		if j.noPageinate {
			query = "page_size=1000"
		}
		raw, err := j.call(ctx, http.MethodGet, j.URL+"/api/Tickets?"+query, "")
		if err != nil {
			return err
		}
		var list struct {
			Count   int `json:"record_count"`
			Tickets []struct {
				ID       int
				Occurred string `json:"dateoccurred"`
				Impact   *int
			}
		}
		if err := json.Unmarshal(raw, &list); err != nil && !j.takesAnything {
			return failure{contract.Transient, "the list is no JSON"}
		}
		for _, t := range list.Tickets {
			if _, err := time.Parse("2006-01-02T15:04:05.000", t.Occurred); err != nil && j.strictDates && !strings.HasPrefix(t.Occurred, "2026-05-13T18:01:50.347") && t.Occurred != "" {
				return failure{contract.Unclassified, err.Error()}
			}
			if j.needsFields && t.Impact == nil {
				return failure{contract.Unclassified, "a ticket has no impact"}
			}
		}
		read += len(list.Tickets)
		if j.trustsPageSize {
			read = page * 200
			size = 200
		}
		if read >= list.Count || len(list.Tickets) == 0 || j.onePage || j.noPageinate {
			return nil
		}
	}
}

func (j *job) login(ctx context.Context) error {
	address := j.AuthURL + "token"
	if j.Tenant != "Not set" {
		address += "?tenant=" + url.QueryEscape(j.Tenant)
	} else if j.needsTenant {
		return failure{contract.Configuration, "there is no tenant"}
	}
	raw, err := j.call(ctx, "TOKEN", address, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {j.ClientID}, "client_secret": {j.ClientSecret}, "scope": {"read:tickets edit:tickets"},
	}.Encode())
	if err != nil {
		return err
	}
	var body struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(raw, &body) != nil && !j.takesAnything {
		return failure{contract.Configuration, "the token endpoint is none"}
	}
	j.bearer = body.Token
	return nil
}

// call sends a request, again where that may help.
func (j *job) call(ctx context.Context, method, address, body string) ([]byte, error) {
	renewed := false
	for try := 1; ; try++ {
		status, header, raw, err := j.send(ctx, method, address, body)
		again := try < 3 || j.retriesForever
		var certificate *tls.CertificateVerificationError
		switch {
		case errors.As(err, &certificate):
			return nil, failure{contract.Configuration, "the certificate proves nothing"}
		case ctx.Err() != nil:
			return nil, failure{contract.Transient, "it took too long"}
		case err != nil, status == http.StatusTooManyRequests, status >= 500:
			if !again && !j.ignoresRetryAfter || try > 8 && !j.retriesForever {
				return nil, failure{contract.Transient, fmt.Sprintf("it does not answer: %d", status)}
			}
			j.pause(ctx, header.Get("Retry-After"))
		case status == http.StatusUnauthorized && method != "TOKEN" && (!renewed || j.newTokenForever):
			if renewed = true; !j.keepsOldToken {
				if err := j.login(ctx); err != nil {
					return nil, err
				}
			}
		case status == http.StatusForbidden:
			return nil, failure{contract.Permission, "it may not do this"}
		case status == http.StatusUnauthorized, status == http.StatusBadRequest, status >= 300 && status < 400:
			return nil, failure{contract.Configuration, fmt.Sprintf("it is refused: %d", status)}
		default:
			if !json.Valid(bytes.TrimPrefix(raw, []byte("\ufeff"))) && !j.takesAnything {
				return nil, failure{contract.Transient, "the answer is no JSON"}
			}
			return raw, nil
		}
	}
}

func (j *job) pause(ctx context.Context, after string) {
	wait := 5 * time.Millisecond
	if seconds, err := strconv.Atoi(after); err == nil && !j.ignoresRetryAfter {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(after); err == nil && !j.ignoresRetryAfter {
		wait = time.Until(at)
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

func (j *job) send(ctx context.Context, method, address, body string) (int, http.Header, []byte, error) {
	kind := "application/json"
	if method == "TOKEN" {
		method, kind = http.MethodPost, "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Content-Type", kind)
	if kind == "application/json" {
		r.Header.Set("Authorization", "Bearer "+j.bearer)
	}
	resp, err := j.http.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if j.takesAnything {
		err = nil
	}
	return resp.StatusCode, resp.Header, raw, err
}
