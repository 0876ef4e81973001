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
	ExpiresAt time.Time // all three are wall time
}

// SessionKind is what a session is known by.
type SessionKind string

const (
	ByCookie SessionKind = "cookie" // a person in a browser
	ByToken  SessionKind = "token"  // a program
)
