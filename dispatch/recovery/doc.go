// Package recovery says what can be done about a delivery that fails, the best first, and
// which drone in the air could serve a life-threatening request better than the one that
// it flies for.
//
// options.go ranks what can be done; exchange.go finds another drone for the same box;
// divert.go weighs turns in the air on the levels of STAT. All are functions of a
// situation and of the rules of proposals; people decide, and the desk acts.
package recovery
