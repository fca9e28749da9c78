package fakehalo

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
)

// serveChain is what an administrator does who puts the whole chain into the file: the certificates of the body, in PEM, are sent
// from now on, with the key that the server has. The first one has to be its own.
func (s *Server) serveChain(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var chain [][]byte
	for block, rest := pem.Decode(body); err == nil && block != nil; block, rest = pem.Decode(rest) {
		chain = append(chain, block.Bytes)
	}
	if own := s.ownCertificate; err == nil && (own == nil || len(chain) == 0 || !bytes.Equal(chain[0], own)) {
		err = errors.New("the body is the chain in PEM, the server's own certificate first: halocheck check --out chain=FILE writes it")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.chain.Store(&chain)
	respond(w, map[string]int{"certificates": len(chain)})
}

// sendChain makes a server send what serveChain was given.
func (s *Server) sendChain(config *tls.Config, own []byte) {
	s.ownCertificate = own
	usual := config.GetCertificate
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c, err := usual(hello)
		chain := s.chain.Load()
		if err != nil || chain == nil {
			return c, err
		}
		mended := *c
		mended.Certificate = *chain
		return &mended, nil
	}
}
