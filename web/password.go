package web

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/trustelem/zxcvbn"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// What passwords must be (product choices; NIST SP 800-63B-4 and OWASP ASVS 5.0 ask for no
// kinds of characters, and for a comparison with what is guessed first).
const (
	shortestPassword = 12  // characters
	longestPassword  = 128 // characters
	leastScore       = 4   // of zxcvbn: at least 10^10 guesses
	scored           = 48  // characters that are looked at: what follows makes none easier
)

// checkPassword refuses a password that is too short, or that is guessed soon by who knows the
// account.
func checkPassword(field, password string, a network.Account) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < shortestPassword:
		return refusal.OfField(field, fmt.Sprintf("has fewer than %d characters", shortestPassword))
	case n > longestPassword:
		return refusal.OfField(field, fmt.Sprintf("has more than %d characters", longestPassword))
	}
	known := []string{a.Login, a.NameZH, a.NameEN, string(a.Site), "hemolift"}
	bare := strings.ToLower(password) // each thing known of the account says as little as a letter
	for _, word := range known {
		if word != "" {
			bare = strings.ReplaceAll(bare, strings.ToLower(word), "a")
		}
	}
	for _, p := range []string{password, bare} {
		if score(p, known) < leastScore {
			return refusal.OfField(field, "is guessed soon: take several words that do not belong together")
		}
	}
	return nil
}

func score(password string, known []string) int {
	runes := []rune(password)
	return zxcvbn.PasswordStrength(string(runes[:min(len(runes), scored)]), known).Score
}

// PasswordHash returns the argon2id hash of a password, as a PHC string.
func PasswordHash(password string) (string, error) {
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

// newDecoy is a hash that no password has: it is compared when there is no such account,
// so that both take as long.
func newDecoy() string {
	decoy, err := PasswordHash(rand.Text())
	if err != nil {
		panic(err) // the system has no randomness
	}
	return decoy
}
