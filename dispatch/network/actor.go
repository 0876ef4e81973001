package network

// Actor is who acts.
type Actor struct {
	Login     string
	Role      Role   // the kind of its first role
	Named     Role   // as the account has it; empty: Role
	Also      []Role // and what else it has
	Site      SiteID // of hospital staff; a dispatcher's centre, or empty for all
	Automated bool
	Duties    []Duty // of all its roles; empty: all that its kind may
	// Only are those of these operations to which its token is limited; empty: it is not.
	Only []string
}

// System is the program itself.
var System = Actor{Login: "system", Role: RoleSystem}
