// Package provider lets an organisation's own identity provider sign people in, by OpenID Connect
// (OpenID Connect Core 1.0, the code flow with PKCE of RFC 7636).
//
// What flows: Begin makes the address at the provider to which a browser goes, and a binding, sealed,
// that the browser keeps meanwhile; Finish takes what the provider sent the browser back with, and
// returns the person that the provider vouches for. A signature, the issuer, the audience, the
// times and the nonce are checked by go-oidc against the keys that the provider publishes; the
// state and the binding are checked here.
//
// A Mapping says which roles the values of a claim stand for. Nobody's account is found by a name
// that the provider tells: the issuer and the subject are who somebody is.
//
// The provider is asked when somebody signs in, not at the start: a server outlives its provider,
// and passwords go on. What it answers is bounded in bytes and time.
package provider
