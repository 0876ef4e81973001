// Package web speaks HTTP for people and programs.
//
// web/api.yaml is the schema of record; web/api is generated from it. There is a file a
// resource: its handlers check shape, convert, and call the Dispatcher, which checks
// meaning. Who may call what is asked of delivery/permit.go in handlers.go; every error
// becomes a problem document in problem.go and nowhere else. web/live is the live feed,
// web/print the printed record; the page is built by Vite and embedded by web/ui.
//
// People sign in with a password (argon2id) and a session cookie; programs carry a
// bearer token. Both are kept as hashes. Who manages accounts (accounts.go) or devices'
// credentials (enrolment.go) in a browser has shown the password lately. Requests that change something are taken
// from the page's own origin only. guards.go is what every request passes: what is no text
// is refused, answers carry their headers, and a handler that breaks is answered for.
//
// The handlers' tests stand on a real record (dispatch/desktest), and every answer of any
// test is compared with api.yaml (web/apicheck).
package web
