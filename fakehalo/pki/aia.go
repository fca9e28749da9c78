package pki

import (
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
)

// handler serves the certificate of every issuer that has a slug, in three encodings, and the files that faults add. It
// is nil without a BaseURL.
func (p *plan) handler() (http.Handler, error) {
	if p.site.BaseURL == "" {
		return nil, nil
	}
	files := fileServer{}
	for _, n := range p.path() {
		if n.aiaName == "" || slices.ContainsFunc(p.files, func(f file) bool { return f.path == "/aia/"+n.aiaName+".cer" }) {
			continue
		}
		if err := n.issue(); err != nil {
			return nil, err
		}
		bundle, err := certsOnly(n.der)
		if err != nil {
			return nil, err
		}
		files["/aia/"+n.aiaName+".cer"] = static("application/pkix-cert", n.der)
		files["/aia/"+n.aiaName+".pem"] = static("application/x-pem-file", toPEM(n.der))
		files["/aia/"+n.aiaName+".p7c"] = static("application/pkcs7-mime", bundle)
	}
	for _, f := range p.files {
		h, err := f.serve()
		if err != nil {
			return nil, err
		}
		files[f.path] = h
	}
	return files, nil
}

// A fileServer serves files by their exact path. ServeMux would redirect an OCSP request whose base64 holds two slashes.
type fileServer map[string]http.Handler

func (s fileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if strings.HasPrefix(path, ocspPath+"/") {
		path = ocspPath
	}
	h, ok := s[path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// publish serves n, instead of what is there by default, as the file of that slug.
func (p *plan) publish(slug string, n *node) {
	p.files = append(p.files, file{"/aia/" + slug + ".cer", func() (http.Handler, error) {
		err := n.issue()
		return static("application/pkix-cert", n.der), err
	}})
}

// static answers with the same bytes every time. A client that has left is not this server's trouble.
func static(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	})
}

func toPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
