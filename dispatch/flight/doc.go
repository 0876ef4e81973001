// Package flight says what missions do next: which plan is uploaded, which leg is
// released, which drone is led around a zone or held, and what a phase of flight, a
// drone's answer or a person's command means for a mission.
//
// next.go looks at all missions of a situation; phase.go, answer.go and order.go at one
// event each; send.go makes the commands that wait right for the moment; alternates.go
// lists where a drone in the air could land, and diverts it there; learn.go measures a leg that has ended; watch.go
// says which controller has a flight.
//
// All are functions of a situation and return delivery.Actions or changes; the desk acts.
package flight
