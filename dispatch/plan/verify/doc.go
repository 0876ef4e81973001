// Package verify checks plans against the rules of blooddrone-dispatch/1 and scores
// them. It is the rule book for tests, and the last look before a plan is written.
//
// It shares no code with package plan, on purpose: it reads both files itself, flies
// every mission again second by second from the format's definitions, and counts what
// is held at every moment, where plan keeps calendars up to date. What they agree on
// has been worked out twice.
package verify
