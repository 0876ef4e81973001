// Package label reads what scanners and people enter of the label of a blood bag: the data
// structures of ISBT 128 (ICCBBA ST-001), each an identifier (= or & and one or two more
// characters) and content of a fixed length.
//
// Read takes the scans of one bag in any order: one symbol a scan, several in one, a
// compound message, the identifier that scanners put before a symbol (AIM, as ]C0),
// separators between symbols, the full-width forms of an input method, or what is printed
// for the eye. What is typed must carry the check character of the donation
// identification number (ISO/IEC 7064 MOD 37-2), since no scanner guards it. Structures
// that the product does not need are named and passed over; a structure of another bag, of
// a sample tube or of an impossible form is refused, and the refusal says what was met.
//
// The length, characters and meaning of a structure are facts of the standard; its tables
// of product descriptions and facilities are licensed and not here: a product code is
// taken apart, never translated. Dates on a label carry no zone: they are local times of
// the site that labelled the bag.
//
// It is a leaf beside blood: it knows no site, delivery or clock.
package label
