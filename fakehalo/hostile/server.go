package hostile

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/pki"
)

// Stage is the request that is answered with hostility: a path prefix, or one of the constants.
type Stage string

// Token is the token request that carries a secret; None passes everything on.
const (
	Token Stage = "token"
	None  Stage = ""
)

// Server is a front. Its fields are set by Start.
type Server struct {
	URL     string // https://localhost:PORT
	AuthURL string // with its closing slash
	CAFile  string // PEM, removed by Close
	Fake    *fakehalo.Server

	listener net.Listener
	ended    chan struct{}
	wait     sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
	hits     int
}

// Behaviour is what is done with a connection instead of serving it. It returns when it is through, or when a read or
// a write fails; the connection is closed behind it.
type Behaviour func(c net.Conn)

// Start serves a healthy fake through a front. With a raw behaviour every TCP connection is given to that; with secured
// every TLS connection, once its handshake is done and offers HTTP/2; else answer answers the requests of the stage.
func Start(stage Stage, answer Answer, raw, secured Behaviour) (*Server, error) {
	// Without a token only authinfo tells what answers, so that no other answer makes up for a broken one.
	alone, err := fakehalo.Named("dialect:instanceinfo=token")
	if err != nil {
		return nil, err
	}
	fake, err := fakehalo.StartWith(fakehalo.Options{Faults: alone})
	if err != nil {
		return nil, err
	}
	s := &Server{Fake: fake, ended: make(chan struct{}), open: map[net.Conn]bool{}}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		fake.Close()
		return nil, err
	}
	_, port, _ := net.SplitHostPort(s.listener.Addr().String()) // made by the listener
	s.URL = "https://localhost:" + port
	s.AuthURL = s.URL + "/auth/"
	material, err := pki.Make(pki.Site{Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}})
	if err != nil {
		s.Close()
		return nil, err
	}
	if err := s.writeRoots(material); err != nil {
		s.Close()
		return nil, err
	}
	switch {
	case raw != nil:
		s.accept(raw)
	case secured != nil:
		config := material.TLS.Clone()
		config.NextProtos = []string{"h2"}
		s.accept(func(c net.Conn) {
			t := tls.Server(c, config)
			if t.Handshake() == nil {
				secured(t)
			}
		})
	default:
		s.serve(material.TLS.Clone(), stage, answer)
	}
	return s, nil
}

func (s *Server) writeRoots(m *pki.Material) error {
	f, err := os.CreateTemp("", "hostile-ca-*.pem")
	if err != nil {
		return err
	}
	s.CAFile = f.Name()
	for _, c := range m.Roots {
		if err := pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return err
		}
	}
	return f.Close()
}

// accept gives every connection to behave.
func (s *Server) accept(behave Behaviour) {
	s.wait.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.wait.Go(func() {
				defer s.hold(c)()
				behave(c)
			})
		}
	})
}

// hold remembers a connection, so that Close ends it.
func (s *Server) hold(c net.Conn) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits++
	s.open[c] = true
	select {
	case <-s.ended:
		_ = c.Close()
	default:
	}
	return func() {
		_ = c.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, c)
	}
}

// Hits is how often the stage was reached.
func (s *Server) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits
}

// serve answers over HTTP/1.1, where an answer can be written byte by byte.
func (s *Server) serve(config *tls.Config, stage Stage, answer Answer) {
	config.NextProtos = []string{"http/1.1"}
	client := s.Fake.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	server := &http.Server{
		TLSConfig: config, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			form, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
			if err != nil {
				return
			}
			status, header, own := s.ask(client, r, form)
			if answer == nil || !stage.takes(r, form) {
				for name, values := range header {
					w.Header()[name] = values
				}
				w.WriteHeader(status)
				_, _ = w.Write(own)
				return
			}
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer s.hold(c)()
			answer(c, own, r.URL.RequestURI())
		}),
	}
	s.wait.Go(func() { _ = server.ServeTLS(s.listener, "", "") })
	s.wait.Go(func() { <-s.ended; _ = server.Close(); client.CloseIdleConnections() })
}

// takes tells whether the stage is this request.
func (stage Stage) takes(r *http.Request, form []byte) bool {
	if stage == Token {
		return strings.HasSuffix(r.URL.Path, "/token") && bytes.Contains(form, []byte("client_secret="))
	}
	return stage != None && strings.HasPrefix(r.URL.Path, string(stage))
}

// ask passes a request on; addresses of the fake in its answer are made the front's.
func (s *Server) ask(client *http.Client, r *http.Request, form []byte) (int, http.Header, []byte) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, s.Fake.URL+r.URL.RequestURI(), bytes.NewReader(form))
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	req.Header = r.Header.Clone()
	resp, err := client.Do(req)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	resp.Header.Del("Content-Length")
	return resp.StatusCode, resp.Header, bytes.ReplaceAll(body, []byte(s.Fake.URL), []byte(s.URL))
}

// Close ends everything and removes the CA file.
func (s *Server) Close() {
	s.mu.Lock()
	close(s.ended)
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	s.wait.Wait()
	s.Fake.Close()
	if s.CAFile != "" {
		_ = os.Remove(s.CAFile)
	}
}
