package fakehalo

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// idLifetime of an id_token is the library's: halo-api §1.
const idLifetime = 20 * time.Minute

// signedFor is how long an id_token is given again to the same application: a signature costs more than all the rest of
// an answer, and a token that is a minute old is as good as a new one.
const signedFor = time.Minute

// signedID is an id_token that was made before.
type signedID struct {
	value string
	of    *instance
	at    time.Time
}

// keyID names the one key that signs.
const keyID = "fakehalo"

// signingKey is made once a process, when the first token is asked for.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only a size that is too small is refused
	}
	return key
})

// idToken is a JWT (RS256) that says who the application logs in as. Name, email and the agent's id are recorded
// (halo-api §1); the rest is what OpenID Connect demands and a client checks (wire-contract §2.3).
func (s *Server) idToken(i *instance, client string, now time.Time) string {
	s.mu.Lock()
	known, ok := s.signed[client]
	s.mu.Unlock()
	if age := now.Sub(known.at); ok && known.of == i && age >= 0 && age < signedFor {
		return known.value
	}
	who := i.agentRecord()
	if client == adminID {
		who = adminAgentRecord()
	}
	id := strconv.Itoa(who["id"].(int))
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": i.issuer(), "aud": client, "sub": id, "iat": now.Unix(), "exp": now.Add(idLifetime).Unix(),
		"id": id, "name": who["name"], "email": who["email"],
	})
	t.Header["kid"] = keyID
	value, err := t.SignedString(signingKey())
	if err != nil {
		panic(err) // the key fits the method
	}
	s.mu.Lock()
	s.signed[client] = signedID{value, i, now}
	s.mu.Unlock()
	return value
}

// wellKnown is where an authorisation server describes itself, below its base.
const wellKnown = "/.well-known/"

// issuer is the authorisation server's name: its base without a slash at the end (wire-contract §2.2).
func (i *instance) issuer() string { return strings.TrimSuffix(i.named, "/") }

func (i *instance) discovers() bool { return i.dialect["discovery"] == "served" }

// discovery answers with the description of the authorisation server, or with the keys that id_tokens are signed with.
func (s *Server) discovery(c requestContext) *reply {
	i := s.live()
	issuer := i.issuer()
	switch strings.TrimPrefix(c.path, i.authBase+wellKnown) {
	case "openid-configuration":
		return jsonReply(http.StatusOK, record{
			"issuer": issuer, "token_endpoint": issuer + "/token", "jwks_uri": issuer + wellKnown + "jwks",
			"authorization_endpoint": issuer + "/authorize", "grant_types_supported": []string{"client_credentials", "refresh_token"},
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"scopes_supported": i.scopes, "id_token_signing_alg_values_supported": []string{"RS256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		})
	case "jwks":
		public := signingKey().PublicKey
		return jsonReply(http.StatusOK, record{"keys": []record{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
			"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		}}})
	}
	return i.notFound()
}
