package page

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/settings"
)

// site is a page under test, and everything that it answered.
type site struct {
	*pagetest.Site
	page *Server
}

// newSite starts a page.
func newSite(t *testing.T, change func(*Options)) *site {
	t.Helper()
	s := &site{}
	o := Options{Table: settings.All, Source: settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }}}}
	o.Tell = func(err error) { s.Keep(err.Error()) }
	if change != nil {
		change(&o)
	}
	p, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	s.page, s.Site = p, pagetest.New(t, server.URL)
	t.Cleanup(p.Close)
	return s
}

func (s *site) get(path string) (int, string) {
	s.T.Helper()
	status, body, _ := s.Do(http.MethodGet, path, nil)
	return status, body
}

// upload sends files.
func (s *site) upload(files map[string][]byte) (int, string, string) {
	s.T.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for name, data := range files {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			s.T.Fatal(err)
		}
		_, _ = part.Write(data)
	}
	_ = w.Close()
	req, err := http.NewRequestWithContext(s.T.Context(), http.MethodPost, s.URL+"/saved", strings.NewReader(b.String()))
	if err != nil {
		s.T.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, body, header := s.Send(req)
	return status, body, header.Get("Location")
}

// formOf is the form of a fake with everything that it is known by.
func formOf(server *fakehalo.Server) url.Values {
	form := pagetest.FormOf(server)
	form.Set("admin-client-id", server.Admin.ClientID)
	form.Set(adminSecretSetting, server.Admin.ClientSecret)
	form["via"] = viaOf(server)
	return form
}

func viaOf(server *fakehalo.Server) []string {
	var list []string
	for name, address := range server.Vantages {
		list = append(list, name+"="+address)
	}
	slices.Sort(list)
	return []string{strings.Join(list, "\n")}
}

// startFake is a fake with faults.
func startFake(t *testing.T, names ...string) *fakehalo.Server {
	t.Helper()
	faults, err := fakehalo.Named(names...)
	if err != nil {
		t.Fatal(err)
	}
	server := fakehalo.Start(faults...)
	t.Cleanup(server.Close)
	return server
}

// demoOf starts fakes as the command does.
func demoOf(t *testing.T) func(context.Context, ...string) (*Demo, error) {
	return func(ctx context.Context, names ...string) (*Demo, error) {
		faults, err := fakehalo.Named(names...)
		if err != nil {
			return nil, err
		}
		server := fakehalo.Start(faults...)
		v := settings.NewValues(settings.All, settings.Check)
		for name, values := range formOf(server) {
			for line := range strings.Lines(strings.Join(values, "\n")) {
				if name != "ca-file" && !strings.Contains(name, "secret") {
					if err := v.Set(name, strings.TrimSpace(line)); err != nil {
						t.Error(err)
					}
				}
			}
		}
		if err := v.Set("ca-file", server.CAFile); err != nil {
			return nil, err
		}
		a, err := v.Arguments(ctx, settings.Source{Source: credential.Source{Getenv: func(name string) string {
			return map[string]string{"HALO_CLIENT_SECRET": server.Credentials.ClientSecret, "HALO_ADMIN_CLIENT_SECRET": server.Admin.ClientSecret}[name]
		}}})
		return &Demo{Arguments: a, Close: server.Close}, err
	}
}
