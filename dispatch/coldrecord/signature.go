package coldrecord

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/coldchain"
)

// Meaning is what somebody signs about a record.
type Meaning string

const (
	Accepted Meaning = "accepted" // the journey and what was decided about the units stand
	Rejected Meaning = "rejected" // they do not, for the reason of the note
)

// Signature is a person's word on a record as it was: who, when, what it means, and the digest
// of what was signed (21 CFR 11.50 asks for the first three).
type Signature struct {
	By             string
	NameZH, NameEN string // as they were then
	At             time.Time
	Meaning        Meaning
	Digest         string // of the record
	Note           string
}

const longestNote = 400 // characters

// Check refuses a signature that means nothing, or rejects without a reason.
func (s Signature) Check() error {
	switch {
	case s.Meaning != Accepted && s.Meaning != Rejected:
		return refusal.OfField("meaning", fmt.Sprintf("is none of %s and %s", Accepted, Rejected))
	case s.Meaning == Rejected && strings.TrimSpace(s.Note) == "":
		return refusal.OfField("note", "is empty: what is rejected has a reason")
	case utf8.RuneCountInString(s.Note) > longestNote:
		return refusal.OfField("note", fmt.Sprintf("is longer than %d characters", longestNote))
	}
	return nil
}

// Signable refuses a record that is not whole yet: somebody must have decided about every unit.
func (r Record) Signable() error {
	for _, u := range r.Units {
		if u.By == "" {
			return refusal.OfState("the record", "open: nobody has decided about unit "+u.Unit.String(), "signed")
		}
	}
	return nil
}

// Unsigned is a delivery whose record nobody has signed as it is now.
type Unsigned struct {
	Delivery  delivery.ID
	Hospital  network.SiteID
	Component blood.Component
	Units     int
	EndedAt   time.Time
	Worst     coldchain.Advice // of its units
}

// Digest is the SHA-256, hexadecimal, of what the record states: the box, the profile, each
// reading, and of each unit what was advised by which rules and decided by whom.
func (r Record) Digest() string {
	h := sha256.New()
	line(h, "record", r.Delivery, r.Box, r.Profile.ID, r.Profile.Version, r.From.UnixMicro(), r.To.UnixMicro())
	for _, x := range r.Readings {
		line(h, "reading", x.At.UnixMicro(), x.Seq, x.TempMC, x.SecondMC, x.HasSecond, x.AmbientMC, x.LidOpen, x.Fault)
	}
	for _, u := range r.Units {
		line(h, "unit", u.Unit, u.Box, u.From.UnixMicro(), u.To.UnixMicro(), u.OutHigh, u.OutLow, u.Gap, u.Still, u.Verdict.Advice,
			u.Verdict.Within, u.Verdict.Final, u.Verdict.Profile, u.Verdict.Version, u.Outcome, u.By, u.At.UnixMicro(), u.Note)
		for _, f := range u.Verdict.Findings {
			line(h, "finding", f.Rule, f.Advice)
		}
	}
	for _, l := range r.Loggers {
		line(h, "logger", l.SHA256, l.By, l.At.UnixMicro())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// line writes values so that no two lists of them look alike.
func line(h hash.Hash, values ...any) {
	for _, v := range values {
		text := fmt.Sprint(v)
		fmt.Fprintf(h, "%d:%s ", len(text), text)
	}
	h.Write([]byte{'\n'})
}
