// Package blood knows blood products and who may be given them.
//
// A component is a kind of product; a unit is one bag, keyed by donation identification
// number, product code and division (ISBT 128, ST-001); a recipient's class is the group
// with what the optional patient fields allow. Compatibility is a table of pairs with a
// rank, read from the files beside it: what it does not list is forbidden. Sources and
// the confidence of each row stand in those files.
//
// It is a leaf: it knows no site, request or drone, and no clock.
package blood
