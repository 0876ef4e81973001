// Package pushtest is the other end of Web Push, for tests: a browser's half of a subscription
// with its push service, on this machine.
package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Phone is a browser that is told at a push service of its own.
type Phone struct {
	Server *httptest.Server // https
	P256DH string           // as the browser tells its keys, base64url
	Auth   string
	Got    chan []byte // what came, decrypted

	key  *ecdh.PrivateKey
	auth []byte
}

// New returns a phone whose push service answers as answers does once it has understood what
// came. What is not understood fails the test.
func New(t testing.TB, answers http.HandlerFunc) *Phone {
	t.Helper()
	p := &Phone{auth: make([]byte, 16), Got: make(chan []byte, 100)}
	var err error
	if p.key, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := rand.Read(p.auth); err != nil {
		t.Fatal(err)
	}
	p.P256DH, p.Auth = base64.RawURLEncoding.EncodeToString(p.key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(p.auth)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = p.open(r.Header, body)
		}
		if err != nil {
			t.Errorf("a push is not understood: %v", err)
			return
		}
		p.Got <- body
		answers(w, r)
	}))
	t.Cleanup(p.Server.Close)
	return p
}

// open decrypts a push: RFC 8291, in the one record of RFC 8188.
func (p *Phone) open(header http.Header, body []byte) ([]byte, error) {
	const head = 16 + 4 + 1 + 65 // salt, size of a record, length of the sender's key, the key
	switch {
	case !strings.HasPrefix(header.Get("Authorization"), "vapid t="):
		return nil, errors.New("it is not signed")
	case header.Get("Content-Encoding") != "aes128gcm" || len(body) < head:
		return nil, errors.New("it is not encrypted as aes128gcm")
	}
	salt, sender, sealed := body[:16], body[21:head], body[head:]
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := p.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	ikm, err1 := hkdf.Key(sha256.New, shared, p.auth, "WebPush: info\x00"+string(p.key.PublicKey().Bytes())+string(sender), 32)
	key, err2 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, err3 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	for i, b := range slices.Backward(plain) { // padding is zeros behind a two
		if b == 2 {
			return plain[:i], nil
		}
	}
	return nil, errors.New("its record has no end")
}
