package network

import (
	"time"

	"hemolift/dispatch/refusal"
)

// Invitation lets whoever has its token choose an account's password, once. The token itself
// is kept nowhere.
type Invitation struct {
	Login     string
	MadeBy    string // login
	MadeAt    time.Time
	ExpiresAt time.Time // both are wall time
}

// InvitedFor is how long an invitation stands.
const InvitedFor = 48 * time.Hour

// Invite makes an invitation to an account; a program needs none, and one that is disabled
// gets none.
func (a Account) Invite(by string, now time.Time) (Invitation, error) {
	switch {
	case a.Automated:
		return Invitation{}, refusal.OfState("account "+a.Login, "a program's", "invited")
	case a.Disabled:
		return Invitation{}, refusal.OfState("account "+a.Login, "disabled", "invited")
	}
	now = now.UTC().Truncate(time.Second)
	return Invitation{Login: a.Login, MadeBy: by, MadeAt: now, ExpiresAt: now.Add(InvitedFor)}, nil
}
