// Package network is what stands still while blood travels: sites, pads, aircraft, box
// types, drones and boxes (network.go); what of it is out of service for a while
// (closure.go); the roles and accounts of those who work there (role.go, actor.go, account.go),
// how they come to a password (invitation.go) or a passkey (passkey.go) and where they are signed in (session.go); and how
// devices come to their secrets (credential.go). What a role may do stands in delivery/permit.go.
//
// load.go reads a network from a directory of small files: the one importer that the
// demonstration, a real server and `network check` share. table.go reads the tables and
// has the bounds of every number, rows.go their rows, fault.go what is wrong with them. files.go
// writes a network as such files, and tells how two of them differ.
//
//	sites.csv      id, kind, name_zh, name_en, short_zh and short_en where the names are long, phone, lon, lat, note; datum where
//	               the position is not WGS 84 but as maps published in mainland China have it: GCJ-02 or BD-09;
//	               elevation_m above mean sea level (45 where it is not stated; the first blood centre's counts for all, flat)
//	pads.csv       id, site, label; without it two pads a centre and one a hospital
//	aircraft.csv   classes: kg, m/s, Wh, percent, W; how far from its plan it may fly (m, m, min) and what it does without a
//	               link (s), where it says so
//	boxes.csv      box types with their thermal parameters
//	drones.csv     id, class, home
//	fleet.csv      boxes: id, type, site
//	roles.csv      roles of the site's own: role, name_zh, name_en, like (a kind of account), only and without (operations of
//	               delivery/permit.go, with spaces between them); without the file the shipped ones (roles.csv beside this)
//	zones.geojson, zones.ed269.json, zones.ed318.json: one of them or more, as
//	               geo/airspace reads them
//
// Tables are UTF-8 with commas, semicolons or tabs. All faults are told, each by its file,
// line and column, or by its path in a zone file. Shenyang is the demonstration
// network; its positions of centres, its zones and its aircraft are invented.
package network
