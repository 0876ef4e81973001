package delivery

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// GuestLink lets whoever has its token see one delivery and nothing else, until it runs out
// or is revoked. The token itself is kept nowhere.
type GuestLink struct {
	ID        string
	Delivery  ID
	For       string // whom it was made for, in the maker's words
	MadeBy    string // login
	MadeAt    time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero: it was not
	OpenedAt  time.Time // last; zero: never
}

// Bounds of a link.
const (
	longestGuest = 48 // hours
	longestFor   = 80 // characters
	MostGuests   = 20 // links of one delivery that stand at a time
)

// NewGuestLink is a link that has no id yet, for some hours.
func NewGuestLink(d Delivery, purpose string, hours int, by string, now time.Time) (GuestLink, error) {
	purpose = strings.TrimSpace(purpose)
	switch {
	case strings.ContainsFunc(purpose, network.Misleads):
		return GuestLink{}, refusal.OfField("for", "holds a control character, or one that turns the direction of what follows")
	case hours < 1 || hours > longestGuest:
		return GuestLink{}, refusal.OfField("hours", fmt.Sprintf("is not 1 to %d", longestGuest))
	case blank(purpose) || utf8.RuneCountInString(purpose) > longestFor:
		return GuestLink{}, refusal.OfField("for", fmt.Sprintf("is not 1 to %d characters: whom the link is for", longestFor))
	case d.Status.Ended():
		return GuestLink{}, refusal.OfState("the delivery", string(d.Status), "shown to guests")
	}
	return GuestLink{Delivery: d.ID, For: purpose, MadeBy: by, MadeAt: now, ExpiresAt: now.Add(time.Duration(hours) * time.Hour)}, nil
}

// GuestStage is how far a delivery has come, as guests are told.
type GuestStage string

const (
	GuestPrepared GuestStage = "prepared" // on the ground at its centre
	GuestFlying   GuestStage = "flying"
	GuestLanded   GuestStage = "landed"
	GuestArrived  GuestStage = "handed_over"
	GuestNot      GuestStage = "not_coming" // it will not serve its request
)

// GuestStage is how far the delivery has come, as guests are told.
func (d Delivery) GuestStage() GuestStage {
	switch {
	case d.Status == DClosed:
		return GuestArrived
	case !d.Serves():
		return GuestNot
	case d.Status == DAirborne:
		return GuestFlying
	case d.Status.In(DLanded, DOpened):
		return GuestLanded
	}
	return GuestPrepared
}

// blank reports whether a text shows nothing.
func blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}
