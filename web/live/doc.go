// Package live is the live feed: /api/v1/live, subprotocols hemolift.v1 (binary) and
// hemolift.v1.json.
//
// The hub (hub.go) conflates positions: the newest of each drone, one frame a tick for all
// who see the same, a group (group.go), which remembers the newest. A viewer (viewer.go) is one
// connection, which walks that ring at its own pace; what is measured of the alarms goes the same
// way. Events of the log go past the hub, each in a frame of its own, none lost (told.go). Whatever
// is sent is encoded once for all who read the same.
// frame.go is the binary form.
//
// web says who a connection is and what it may see; nothing here knows accounts.
package live
