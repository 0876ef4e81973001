// Package notify tells people of hospitals outside the page: by Web Push (RFC 8030, 8188, 8291,
// 8292), and by a webhook for a hospital's own paging. What is told dispatch/notice decides.
//
// It calls addresses that users state. Only https, no redirects, no proxy, and no address
// within a network but those that the operator allows, looked at when the connection is made, so
// that no name leads there either. Each call is bounded in time and tries, all calls together
// in number: between tries others have their turn, and a browser that is never reached is
// forgotten.
package notify
