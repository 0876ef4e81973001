package delivery

import (
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// longestNote bounds what one shift leaves to the next, in characters.
const longestNote = 2000

// noteText is where the log keeps a note's text.
const noteText = "text"

// Note is what somebody on shift leaves to those who come after.
type Note struct {
	At       time.Time
	By, Text string
}

// NewNote is a note as the log keeps it.
func NewNote(by network.Actor, text string, now time.Time) (Event, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Event{}, refusal.OfField(noteText, "is empty")
	case utf8.RuneCountInString(text) > longestNote:
		return Event{}, refusal.OfField(noteText, "is longer than 2000 characters")
	}
	return Event{At: now, Kind: EvNote, Actor: by.Login, Subject: by.Login, Detail: map[string]string{noteText: text}}, nil
}

// Notes are those among the log's events.
func Notes(events []Event) []Note {
	notes := make([]Note, len(events))
	for i, e := range events {
		notes[i] = Note{At: e.At, By: e.Actor, Text: e.Detail[noteText]}
	}
	return notes
}
