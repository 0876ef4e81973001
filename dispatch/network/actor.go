package network

import (
	"fmt"
	"slices"

	"hemolift/dispatch/refusal"
)

// Actor is who acts.
type Actor struct {
	Login     string
	Role      Role
	Site      SiteID // of hospital staff; a dispatcher's centre, or empty for all
	Automated bool
}

// System is the program itself.
var System = Actor{Login: "system", Role: RoleSystem}

// Account is a person or program that may sign in.
type Account struct {
	Login, NameZH, NameEN string
	Role                  Role
	Site                  SiteID
	PasswordHash          string // argon2id, PHC string
	Automated, Disabled   bool
}

// Check refuses an account whose role is unknown, or that lacks the site that it must
// belong to.
func (a Account) Check() error {
	if !slices.Contains(Roles(), a.Role) {
		return refusal.OfField("role", fmt.Sprintf("%q is unknown", a.Role))
	}
	if a.Role.NeedsSite() && a.Site == "" {
		return refusal.OfField("site", "is missing: an account of role "+string(a.Role)+" belongs to one")
	}
	return nil
}

// Actor is the account as it acts.
func (a Account) Actor() Actor {
	return Actor{Login: a.Login, Role: a.Role, Site: a.Site, Automated: a.Automated}
}
