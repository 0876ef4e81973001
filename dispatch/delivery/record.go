package delivery

import "hemolift/dispatch/network"

// Record is a delivery with all that belongs to it.
type Record struct {
	Delivery Delivery
	Request  Request
	Mission  Mission
	Custody  []CustodyEvent
}

// Board is what is under way, read at one instant: requests that are open or
// recent, deliveries that are active or recent, and alarms that a person still has
// to see.
type Board struct {
	Seq        uint64 // the last event that it includes
	Requests   []Request
	Deliveries []Record
	Alarms     []Alarm // one for each condition, in the order of SortAlarms
	AlarmRate  AlarmRate
	Closures   []network.Closure // that end later
}
