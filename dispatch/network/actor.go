package network

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

// Actor is the account as it acts.
func (a Account) Actor() Actor {
	return Actor{Login: a.Login, Role: a.Role, Site: a.Site, Automated: a.Automated}
}
