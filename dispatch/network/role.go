package network

import "slices"

// Role is what an account is for. What it may do stands in delivery/permit.go.
type Role string

const (
	RoleDispatcher Role = "dispatcher" // a blood centre's staff
	RoleHospital   Role = "hospital"   // one hospital's staff
	RoleController Role = "controller" // flight control
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
	{RoleAdmin, "管理", "admin", PageDispatch, false, BloodCentre},
}

// Roles returns those that accounts can have.
func Roles() []Role {
	roles := make([]Role, len(roleRows))
	for i, r := range roleRows {
		roles[i] = r.role
	}
	return roles
}

func (r Role) row() roleRow {
	i := slices.IndexFunc(roleRows, func(x roleRow) bool { return x.role == r })
	if i < 0 {
		return roleRow{role: r, nameZH: string(r), nameEN: string(r), page: PageDispatch, needsSite: true}
	}
	return roleRows[i]
}

// Names are the role's words in Chinese and English.
func (r Role) Names() (zh, en string) { return r.row().nameZH, r.row().nameEN }

// Page is the console that the role begins with.
func (r Role) Page() Page { return r.row().page }

// NeedsSite reports whether an account of the role must belong to a site.
func (r Role) NeedsSite() bool { return r.row().needsSite }

// SiteKind is what the sites are for that an account of the role may belong to.
func (r Role) SiteKind() SiteKind { return r.row().siteKind }
