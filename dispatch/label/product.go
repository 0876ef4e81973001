package label

import (
	"fmt"
	"regexp"
	"strings"
)

// Product is a product code taken apart. What its description code means stands in the
// standard's licensed tables.
type Product struct {
	Description string // five characters, the product description code
	Family      string // what kind of product its first letter says
	Collection  string // how it was collected, one character; empty where the family has none
	Division    string // which part of a divided product, or which pack
	Divided     *bool  // nil where the family does not say
}

var productForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{4}[0-9A-Za-z]{3}$`)

// typedProduct is stricter: a description code that people read on a bag ends with four
// digits, and what else they may have typed, as the code of a box, does not.
var typedProduct = regexp.MustCompile(`^[A-Z][0-9]{4}[A-Z0-9][0-9A-Za-z]{2}$`)

func checkTypedProduct(data string) error {
	if !typedProduct.MatchString(data) {
		return fmt.Errorf("is not a letter, four digits, and three more")
	}
	return nil
}

func checkProduct(data string) error {
	if !productForm.MatchString(data) {
		return fmt.Errorf("is not a letter, four letters or digits, and three more")
	}
	return nil
}

// productOf takes a code of 8 characters apart (ST-001, 2.4.3).
func productOf(code string) Product {
	p := Product{Description: code[:5], Family: families[code[0]], Division: code[5:]}
	if p.Family == "" {
		p.Family = "other"
	}
	switch {
	case strings.IndexByte("EFHSP", code[0]) >= 0:
		p.Collection, p.Division = code[5:6], code[6:]
	case strings.IndexByte("MNRTVW", code[0]) < 0:
		return p
	}
	divided := strings.Trim(p.Division, "0") != ""
	p.Divided = &divided
	return p
}

var families = map[byte]string{
	'A': "national", 'B': "national", 'C': "national", 'D': "national",
	'E': "blood_component", 'F': "blood_component",
	'N': "organ", 'P': "regenerated_tissue", 'S': "cellular_therapy", 'T': "tissue",
	'X': "other_blood_product",
}

// divisionApart reports that the division stands in a structure of its own.
func (p Product) divisionApart() bool { return p.Collection != "" && p.Division == "99" }
