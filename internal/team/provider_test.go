package team_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// provider is an OpenID provider: it logs in at once whom the test says, and demands PKCE, the client's secret and a code used once.
type provider struct {
	url, secret string
	key         *rsa.PrivateKey
	mu          sync.Mutex
	who         map[string]any               // claims of who logs in next
	userinfo    bool                         // groups are told by the user info alone
	wrong       func(claims map[string]any)  // changes the ID token
	codes       map[string]map[string]string // code → challenge, nonce, redirect
	tokens      map[string]map[string]any
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{secret: "provider-" + rand.Text(), key: key, codes: map[string]map[string]string{}, tokens: map[string]map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys", "userinfo_endpoint": p.url + "/userinfo",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "scopes_supported": []string{"openid", "groups"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		encode := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": encode(key.N), "e": encode(big.NewInt(int64(key.E)))}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, req *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		claims, ok := p.tokens[req.Header.Get("Authorization")]
		if !ok {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		answer(w, claims)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *provider) authorize(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("client_id") != "page" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "the request is not as it has to be", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = map[string]string{"challenge": q.Get("code_challenge"), "nonce": q.Get("nonce"), "redirect": q.Get("redirect_uri")}
	p.mu.Unlock()
	http.Redirect(w, req, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *provider) token(w http.ResponseWriter, req *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	given := p.codes[req.FormValue("code")]
	delete(p.codes, req.FormValue("code"))
	id, secret, _ := req.BasicAuth()
	if id == "" {
		id, secret = req.FormValue("client_id"), req.FormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(req.FormValue("code_verifier")))
	if given == nil || id != "page" || secret != p.secret || base64.RawURLEncoding.EncodeToString(sum[:]) != given["challenge"] || req.FormValue("redirect_uri") != given["redirect"] {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.url, "aud": "page", "nonce": given["nonce"], "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	for name, value := range p.who {
		if !p.userinfo || name == "sub" {
			claims[name] = value
		}
	}
	if p.wrong != nil {
		p.wrong(claims)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = "1"
	signed, err := token.SignedString(p.key)
	if err != nil {
		panic(err)
	}
	access := rand.Text()
	p.tokens["Bearer "+access] = p.who
	answer(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": signed})
}
