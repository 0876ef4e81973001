package provider

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"hemolift/telemetry/tables"
)

// Grant is the role at a site that one value of the claim stands for.
type Grant struct {
	Value string // of the claim, exactly
	Role  string
	Site  string // empty: a role of all sites
}

// Mapping is all that values stand for, in the order of its file: the first role is an account's own.
type Mapping []Grant

// ReadMapping reads a table of the columns value, role and site. Whether there are such roles and
// sites shows when somebody signs in: both may be made later.
func ReadMapping(file string, r io.Reader) (Mapping, error) {
	t := tables.Read(file, r)
	for _, column := range []string{"value", "role", "site"} {
		if len(t.Faults) == 0 && !slices.Contains(t.Header, column) {
			t.Faults.Add(tables.Fault{File: file, Line: 1, Column: column, Reason: "is missing"})
		}
	}
	var m Mapping
	for _, row := range t.Rows {
		g := Grant{Value: row.Cells["value"], Role: row.Cells["role"], Site: row.Cells["site"]}
		switch {
		case g.Value == "":
			t.Fault(row, "value", "is missing")
		case g.Role == "":
			t.Fault(row, "role", "is missing")
		case slices.Contains(m, g):
			t.Fault(row, "value", "is given twice with this role and site")
		}
		m = append(m, g)
	}
	return m, t.Faults.Err()
}

// Of are the roles of somebody with these values, and the one site that they are at; no role when
// no value stands for one, or when they stand for roles at two sites.
func (m Mapping) Of(values []string) (roles []string, site string) {
	for _, g := range m {
		if !slices.Contains(values, g.Value) {
			continue
		}
		if g.Site != "" && site != "" && g.Site != site {
			return nil, ""
		}
		if g.Site != "" {
			site = g.Site
		}
		if !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
	}
	return roles, site
}

var (
	notOfLogin = regexp.MustCompile(`[^a-z0-9._-]+`)
	loginForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)
)

// LoginOf is the login that a name at the provider, or an address of e-mail, gives; empty where it
// gives none.
func LoginOf(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), "@")
	name = strings.Trim(notOfLogin.ReplaceAllString(name, "-"), "._-")
	if len(name) > 32 {
		name = name[:32]
	}
	if !loginForm.MatchString(name) {
		return ""
	}
	return name
}
