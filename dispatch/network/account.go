package network

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hemolift/dispatch/refusal"
)

// Account is a person or program that may sign in.
type Account struct {
	Login, NameZH, NameEN string
	Role                  Role
	Also                  []Role // which it has besides
	Site                  SiteID
	PasswordHash          string // argon2id, PHC string, or NoPassword
	Automated, Disabled   bool
}

// NoPassword is the hash of no password: its account cannot be signed in to by one.
const NoPassword = "!"

// Identity is who somebody is at an identity provider.
type Identity struct{ Issuer, Subject string }

// AccountState is an account as those see it who manage accounts.
type AccountState struct {
	Account
	UsedAt       time.Time // last, of the sessions that there are; zero: in none
	InvitedUntil time.Time // zero: no invitation stands
}

// mostRoles bounds the roles of one account.
const mostRoles = 8

// Check refuses an account with a role that there is not, or that lacks the site that it must
// belong to.
func (rs Roles) Check(a Account) error {
	if len(a.Also) >= mostRoles {
		return refusal.OfField("also", fmt.Sprintf("are more than %d", mostRoles-1))
	}
	for i, role := range a.roles() {
		field := "role"
		if i > 0 {
			field = fmt.Sprintf("also[%d]", i-1)
		}
		d, known := rs.Def(role)
		switch {
		case !known:
			return refusal.OfField(field, fmt.Sprintf("%q is none of %v", role, rs.names()))
		case slices.Contains(a.roles()[:i], role):
			return refusal.OfField(field, fmt.Sprintf("%q is given twice", role))
		case d.Like.NeedsSite() && a.Site == "":
			return refusal.OfField("site", "is missing: an account of role "+string(role)+" belongs to one")
		}
	}
	return nil
}

// SignsIn refuses an account that cannot be signed in to as it is. What it had as a further role and
// there is no more it may nothing by.
func (rs Roles) SignsIn(a Account) error {
	a.Also = slices.DeleteFunc(slices.Clone(a.Also), func(r Role) bool { _, known := rs.Def(r); return !known })
	return rs.Check(a)
}

func (rs Roles) names() (names []Role) {
	for _, d := range rs.All() {
		names = append(names, d.Role)
	}
	return names
}

// roles are all that an account has.
func (a Account) roles() []Role { return append([]Role{a.Role}, a.Also...) }

// Same reports whether two accounts are the same in everything.
func (a Account) Same(as Account) bool { return reflect.DeepEqual(a, as) }

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

// nobody are names that the log gives to others than accounts.
var nobody = []string{System.Login, "guest", "nobody"}

// LongestName bounds a name of an account, in characters.
const LongestName = 60

// CheckAccount refuses an account that people have made or changed, for what is wrong with
// it in this network.
func (n *Network) CheckAccount(a Account) error {
	switch {
	case !loginForm.MatchString(a.Login):
		return refusal.OfField("login", "is not 2 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit")
	case slices.Contains(nobody, a.Login):
		return refusal.OfField("login", "is a name that the program uses itself")
	}
	for _, name := range []struct{ field, text string }{{"name_zh", a.NameZH}, {"name_en", a.NameEN}} {
		if err := checkName(name.field, name.text); err != nil {
			return err
		}
	}
	if err := n.Roles.Check(a); err != nil || a.Site == "" {
		return err
	}
	site, known := n.Site(a.Site)
	if !known {
		return refusal.OfField("site", fmt.Sprintf("%q is unknown", a.Site))
	}
	for _, role := range a.roles() {
		if d, _ := n.Roles.Def(role); site.Kind != d.SiteKind() {
			return refusal.OfField("site", fmt.Sprintf("%s is a %s; an account of role %s belongs to a %s", a.Site, site.Kind, role, d.SiteKind()))
		}
	}
	return nil
}

func checkName(field, text string) error {
	shown := func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	switch {
	case !strings.ContainsFunc(text, shown) || utf8.RuneCountInString(text) > LongestName:
		return refusal.OfField(field, fmt.Sprintf("is not 1 to %d characters", LongestName))
	case strings.ContainsFunc(text, Misleads):
		return refusal.OfField(field, "holds a control character, or one that turns the direction of what follows")
	}
	return nil
}

// Misleads reports whether a character is of control, or turns the direction of others.
func Misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// AccountChange is what an administrator changes of an account; nil leaves it as it is.
type AccountChange struct {
	NameZH, NameEN *string
	Role           *Role
	Also           *[]Role
	Site           *SiteID
	Disabled       *bool
}

// Of is an account with a change made by somebody, who cannot change what they may do
// themselves.
func (c AccountChange) Of(a Account, by string) (Account, error) {
	was := a
	set(&a.NameZH, c.NameZH)
	set(&a.NameEN, c.NameEN)
	set(&a.Role, c.Role)
	set(&a.Also, c.Also)
	set(&a.Site, c.Site)
	set(&a.Disabled, c.Disabled)
	a.NameZH, a.NameEN = strings.TrimSpace(a.NameZH), strings.TrimSpace(a.NameEN)
	switch {
	case was.Automated:
		return was, refusal.OfState("account "+was.Login, "a program's", "changed")
	case was.Login == by && LosesAccess(was, a):
		return was, refusal.OfState("account "+was.Login, "your own", "disabled or given another role or site")
	}
	return a, nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// LosesAccess reports whether a change of an account ends what it is signed in to: it may do
// something else afterwards, or nothing.
func LosesAccess(was, is Account) bool {
	return is.Disabled != was.Disabled || !slices.Equal(is.roles(), was.roles()) || is.Site != was.Site
}
