// Package web speaks HTTP and WebSocket for people and programs.
//
// web/api.yaml is the schema of record; web/api is generated from it. Handlers
// check shape, convert (view.go), and call the Dispatcher, which checks meaning;
// every error becomes a problem document in problem.go and nowhere else. The live
// feed is /api/v1/live (live.go, hub.go, frame.go). The page is built by Vite and
// embedded by web/ui.
//
// People sign in with a password (argon2id) and a session cookie; programs carry a
// bearer token. Both are kept as hashes. Requests that change something are taken
// from the page's own origin only.
package web
