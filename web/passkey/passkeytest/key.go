// Package passkeytest makes the keys of authenticators for tests.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"

	"github.com/descope/virtualwebauthn"
)

// coordinateBytes is the length of a coordinate of a point of P-256 in a COSE key, RFC 9053 section 7.1.1.
const coordinateBytes = 32

// NewKey makes a key of an authenticator. virtualwebauthn drops the zeros that a coordinate begins with,
// which no real authenticator does, so a key with such a coordinate, one of 128, is made anew.
func NewKey() virtualwebauthn.Credential {
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		point, err := key.PublicKey.Bytes() // 4, x, y
		if err != nil {
			panic(err)
		}
		if point[1] == 0 || point[1+coordinateBytes] == 0 {
			continue
		}
		kept, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, kept)
	}
}
