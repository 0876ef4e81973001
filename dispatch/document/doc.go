// Package document keeps what a blood service decides for itself as controlled documents: its
// policy, and its temperature profiles.
//
// A version of a document is proposed by one person with a reason, and approved by another one
// with a password, from a time on. It takes effect then, if it still fits the network, while the
// server is in use; the one before is superseded, and kept. A file that an operator starts the
// server with takes effect at the start, and the built-in texts while nobody has decided
// anything: nobody has approved these until somebody does.
//
// A box is judged by the profiles that counted when it was packed, whatever has taken effect since.
//
//	document.go  a version, what was decided about it, its state
//	reading.go   what a text says, and what it has otherwise than another one
//	sets.go      what counted at each time
package document
