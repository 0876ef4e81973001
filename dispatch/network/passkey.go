package network

import (
	"fmt"
	"strings"
	"time"

	"hemolift/dispatch/refusal"
)

// Passkey is a key by which its person signs in instead of by a password: its public half.
type Passkey struct {
	ID     []byte
	Login  string
	Handle []byte // names the account to authenticators; the same of all its keys
	Kept   []byte // as package web/passkey has it
	Name   string // as its person calls it
	MadeAt time.Time
	UsedAt time.Time // wall time, both; zero: never
}

// mostPasskeys bounds those of one account.
const mostPasskeys = 20

// Check refuses one more beside those of an account, or a name that cannot be shown.
func (p Passkey) Check(held int) error {
	if held >= mostPasskeys {
		return refusal.OfState("account "+p.Login, fmt.Sprintf("full with %d passkeys", held), "given another")
	}
	return checkName("name", strings.TrimSpace(p.Name))
}
