package team

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/secret"
)

// Seal encrypts the secrets of customers with a key that is not in the database.
type Seal struct{ key *age.X25519Identity }

// NewSeal takes the key that age-keygen made: the text of its file.
func NewSeal(text string) (*Seal, error) {
	keys, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil || len(keys) != 1 {
		return nil, errors.New("it is not the key that age-keygen makes, AGE-SECRET-KEY-1…") // not age's error, which may quote it
	}
	key, ok := keys[0].(*age.X25519Identity)
	if !ok {
		return nil, errors.New("it is a key of another kind; make one with age-keygen")
	}
	return &Seal{key}, nil
}

// sealed is what is encrypted. The settings are in it, so that whoever writes to the database cannot have a secret sent elsewhere.
type sealed struct {
	Customer string            `json:"customer"`
	Settings map[string]string `json:"settings"`
	Secrets  map[string]string `json:"secrets"`
}

func (s *Seal) close(customer string, a page.Asking) ([]byte, error) {
	v := sealed{customer, a.Values, map[string]string{}}
	for name, text := range a.Secrets {
		if !text.Empty() {
			v.Secrets[name] = text.Reveal()
		}
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var out bytes.Buffer
	to, err := age.Encrypt(&out, s.key.Recipient())
	if err == nil {
		_, err = to.Write(plain)
		err = errors.Join(err, to.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func (s *Seal) open(customer string, data []byte) (page.Asking, error) {
	from, err := age.Decrypt(bytes.NewReader(data), s.key)
	if err != nil {
		return page.Asking{}, errors.New("a sealed secret is not of this key")
	}
	plain, err := io.ReadAll(from)
	var v sealed
	if err == nil {
		err = json.Unmarshal(plain, &v)
	}
	if err != nil || v.Customer != customer {
		return page.Asking{}, errors.New("a sealed secret is damaged, or another customer's")
	}
	a := page.Asking{Values: v.Settings, Secrets: map[string]secret.Text{}}
	for name, text := range v.Secrets {
		a.Secrets[name] = secret.New(text)
	}
	return a, nil
}
