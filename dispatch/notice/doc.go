// Package notice says what people of a hospital are told when they do not look at a page: of
// which events, about whose delivery, and in which words. It decides, and sends nothing:
// web/notify does that.
//
// A notice holds nothing of the patient, the blood's group, units or persons: it passes
// through others' servers, and lies on locked screens.
package notice
