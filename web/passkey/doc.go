// Package passkey lets people show who they are by a passkey instead of a password (W3C Web
// Authentication, level 3): a key that a phone, a computer or a security key keeps, and that its
// owner unlocks there by a finger, a face or a PIN.
//
// What flows: Add makes what a browser asks its authenticator for, and Added takes the key that it
// made; Ask makes what a browser has signed, and Shown returns whose key signed it. Challenges,
// origins, signatures and flags are checked by go-webauthn. Each challenge is good once, within
// five minutes, and kept here alone: a restart ends those under way, and who waited asks again.
//
// A key belongs to one name of a host: without the address as browsers know it there are none.
// Attestations are not asked for: whose product an authenticator is decides nothing here.
package passkey
