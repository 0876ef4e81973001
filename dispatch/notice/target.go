package notice

import (
	"crypto/ecdh"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// MostFailures in a row have a browser be forgotten.
const MostFailures = 20

// MostDevices is how many browsers one account is told by.
const MostDevices = 10

// Device is a browser that somebody is told by (Web Push, RFC 8030 and 8291).
type Device struct {
	ID       string
	Login    string
	Session  string // in which it was added; it goes with the session's sign-out
	Endpoint string // of the push service, https
	P256DH   string // base64url, of the browser's public key, 65 bytes
	Auth     string // base64url, 16 bytes
	Lang     string // zh or en
	MadeAt   time.Time
	SentAt   time.Time // last, with success; zero: never
	Failures int       // in a row
}

// Check refuses what can be no push subscription.
func (d Device) Check() error {
	if err := CheckAddress("endpoint", d.Endpoint); err != nil {
		return err
	}
	for _, k := range []struct {
		field, value string
		bytes        int
	}{{"p256dh", d.P256DH, 65}, {"auth", d.Auth, 16}} {
		if raw, err := base64.RawURLEncoding.DecodeString(k.value); err != nil || len(raw) != k.bytes {
			return refusal.OfField(k.field, fmt.Sprintf("is not %d bytes in base64url", k.bytes))
		}
	}
	key, _ := base64.RawURLEncoding.DecodeString(d.P256DH)
	if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return refusal.OfField("p256dh", "is no point of the curve P-256")
	}
	if d.Lang != "zh" && d.Lang != "en" {
		return refusal.OfField("lang", "is neither zh nor en")
	}
	return nil
}

// portForm reports whether a port is one.
func portForm(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// hostForm is of a name or an address, with a port or without.
var hostForm = regexp.MustCompile(`^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// CheckAddress refuses an address that is never called, whoever it belongs to.
func CheckAddress(field, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > 1000 || u.Host == "":
		return refusal.OfField(field, "is no address, as https://push.example.org/…")
	case !hostForm.MatchString(u.Host):
		return refusal.OfField(field, "has a host that is not of plain letters, digits, dots and hyphens")
	case u.Port() != "" && !portForm(u.Port()):
		return refusal.OfField(field, "has a port that there is not")
	case u.Scheme != "https":
		return refusal.OfField(field, "is not https")
	case u.User != nil || u.Fragment != "":
		return refusal.OfField(field, "holds a name, a password or a fragment")
	}
	return nil
}

// Webhook is a hospital's own paging: it is called with each notice.
type Webhook struct {
	Site     network.SiteID
	URL      string
	Secret   string // with which what is sent is signed
	SetBy    string // login
	SetAt    time.Time
	SentAt   time.Time
	Failures int
}

// ByDefault are the urgencies of which an account is told that has not chosen.
func ByDefault() []delivery.Urgency { return []delivery.Urgency{delivery.STAT} }

// CheckUrgencies refuses a choice that names none of the urgencies, or one twice.
func CheckUrgencies(chosen []delivery.Urgency) error {
	for i, u := range chosen {
		if !slices.Contains(delivery.Urgencies(), u) {
			return refusal.OfField(fmt.Sprintf("urgencies[%d]", i), fmt.Sprintf("%q is no urgency", u))
		}
		if slices.Contains(chosen[:i], u) {
			return refusal.OfField(fmt.Sprintf("urgencies[%d]", i), "stands there twice")
		}
	}
	return nil
}

// Targets are who is told of a notice.
type Targets struct {
	Devices []Device
	Webhook *Webhook // nil without one
}

// Outcome is how telling somebody ended.
type Outcome int

const (
	Reached Outcome = iota + 1
	Failed
	Gone // its push service knows the browser no more
)
