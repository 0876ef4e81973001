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
