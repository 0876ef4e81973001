package network

import "time"

// Session is a time for which somebody is signed in, or a program has a token.
type Session struct {
	ID        string // names it to its owner and in the log; it opens nothing
	Login     string
	Kind      SessionKind
	Address   string // where it was opened, without the port
	Agent     string // the browser or program, as it calls itself
	OpenedAt  time.Time
	UsedAt    time.Time
	ExpiresAt time.Time
	// ConfirmedAt is when its person last showed in it who it is.
	ConfirmedAt time.Time // all four are wall time
	// Only are the operations that it may, of those that its account may; empty: all of them.
	Only []string
}

// How long a password, a passkey or a provider's word that was shown in a session speaks for its person.
const (
	ConfirmedFor     = 10 * time.Minute // for what only its person may do
	JustConfirmedFor = time.Minute      // for one signature of somebody who has no password to sign with
)

// Confirmed reports whether a person showed the password lately; a program is asked for none.
func (o Session) Confirmed(now time.Time) bool {
	age := now.Sub(o.ConfirmedAt)
	return o.Kind == ByToken || age < ConfirmedFor && age > -ConfirmedFor // the machine's clock may have gone back
}

// SessionKind is what a session is known by.
type SessionKind string

const (
	ByCookie SessionKind = "cookie" // a person in a browser
	ByToken  SessionKind = "token"  // a program
)
