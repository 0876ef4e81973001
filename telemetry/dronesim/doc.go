// Package dronesim flies drones and warms boxes that do not exist. They are clients
// over sockets like any device: each connects to the broker with a credential of
// its own, follows the server's clock from the clock topic, sends its reports at
// QoS 1 until they are acknowledged, and obeys commands. Nothing here is shared
// with the server but the network's public data.
//
// A Fleet owns all devices and their memory: a file that survives a kill, as a
// drone's own storage would. aircraft.go and cooler.go are the physics, stepped in
// device time; link.go is the connection; weather.go the wind and the air.
//
// The physical world that the protocol does not carry, which box stands in which
// drone, is told by Place.
package dronesim
