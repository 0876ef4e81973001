package network

import (
	"slices"
	"strings"
)

// Role is what an account is for: one of these, whose rights stand in delivery/permit.go, or
// one that a site defines as a part of one of them.
type Role string

const (
	RoleDispatcher Role = "dispatcher" // a blood centre's staff
	RoleHospital   Role = "hospital"   // one hospital's staff
	RoleController Role = "controller" // flight control
	RoleQuality    Role = "quality"    // reads everything, and signs verdicts
	RoleAdmin      Role = "admin"
	// RoleSystem is the program's own; no account can have it.
	RoleSystem Role = "system"
)

// Page is the console that a role begins with.
type Page string

const (
	PageDispatch Page = "dispatch"
	PageHospital Page = "hospital"
	PageControl  Page = "control"
)

// roleRow is all that there is to say of a role but for its rights.
type roleRow struct {
	role           Role
	nameZH, nameEN string
	page           Page
	needsSite      bool // an account of it belongs to one site
	siteKind       SiteKind
}

var roleRows = []roleRow{
	{RoleDispatcher, "血站调度", "dispatcher", PageDispatch, false, BloodCentre},
	{RoleHospital, "医院", "hospital", PageHospital, true, Hospital},
	{RoleController, "飞行监控", "controller", PageControl, false, BloodCentre},
	{RoleQuality, "质量", "quality", PageDispatch, false, BloodCentre},
	{RoleAdmin, "管理", "admin", PageDispatch, false, BloodCentre},
}

// Kinds returns the roles of the table of permits that accounts can have.
func Kinds() []Role {
	kinds := make([]Role, len(roleRows))
	for i, r := range roleRows {
		kinds[i] = r.role
	}
	return kinds
}

func (r Role) row() roleRow {
	i := slices.IndexFunc(roleRows, func(x roleRow) bool { return x.role == r })
	if i < 0 {
		return roleRow{role: r, nameZH: string(r), nameEN: string(r), page: PageDispatch, needsSite: true}
	}
	return roleRows[i]
}

// NeedsSite reports whether an account of the kind must belong to a site.
func (r Role) NeedsSite() bool { return r.row().needsSite }

// Duty is what a role lets its accounts do: all that accounts of a kind may, or a part of it.
// Operations are those of the table of permits; one stands for those under it, too.
type Duty struct {
	Like    Role     // a kind
	Only    []string // empty: all
	Without []string
}

// Covers reports whether an operation is within the part.
func (d Duty) Covers(op string) bool {
	under := func(named string) bool { return op == named || strings.HasPrefix(op, named+"/") }
	if slices.ContainsFunc(d.Without, under) {
		return false
	}
	return len(d.Only) == 0 || slices.ContainsFunc(d.Only, func(named string) bool {
		return under(named) || strings.HasPrefix(named, op+"/") // to do a part of it one must come to it
	})
}

// RoleDef is a role that accounts can have.
type RoleDef struct {
	Role           Role
	NameZH, NameEN string
	Duty
}

// Page is the console that the role begins with.
func (d RoleDef) Page() Page { return d.Like.row().page }

// SiteKind is what the sites are for that an account of the role may belong to.
func (d RoleDef) SiteKind() SiteKind { return d.Like.row().siteKind }

// Roles are those that a site defines beside the kinds.
type Roles []RoleDef

// All returns the kinds and what the site defines.
func (rs Roles) All() []RoleDef {
	var all []RoleDef
	for _, r := range roleRows {
		all = append(all, RoleDef{r.role, r.nameZH, r.nameEN, Duty{Like: r.role}})
	}
	return append(all, rs...)
}

// Def returns a role; one that there is not may nothing.
func (rs Roles) Def(role Role) (RoleDef, bool) {
	all := rs.All()
	i := slices.IndexFunc(all, func(d RoleDef) bool { return d.Role == role })
	if i < 0 {
		return RoleDef{Role: role, NameZH: string(role), NameEN: string(role), Duty: Duty{Like: role}}, false
	}
	return all[i], true
}

// Actor is an account as it acts, by all its roles.
func (rs Roles) Actor(a Account) Actor {
	first, _ := rs.Def(a.Role)
	actor := Actor{
		Login: a.Login, Role: first.Like, Named: a.Role, Also: a.Also, Site: a.Site, Automated: a.Automated, Duties: []Duty{first.Duty},
	}
	for _, r := range a.Also {
		d, _ := rs.Def(r)
		actor.Duties = append(actor.Duties, d.Duty)
	}
	return actor
}
