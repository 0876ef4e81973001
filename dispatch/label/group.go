package label

import (
	"fmt"
	"regexp"
	"strconv"

	"hemolift/dispatch/blood"
)

// Group is a blood group as a label states it, with what the unit is meant for.
type Group struct {
	Code  string      // two characters, the code of the group and its use
	Group blood.Group // as "O+"; "O" alone where the label says nothing of RhD; empty where it states none
	Use   string      // default, emergency_only, a use that bars it, or unknown
}

var groupForm = regexp.MustCompile(`^[0-9A-Za-z]{2}[0-9A-Z]0$`)

func checkGroup(data string) error {
	if !groupForm.MatchString(data) {
		return fmt.Errorf("is not two characters of a group, one of its phenotype and 0")
	}
	return nil
}

// Codes of the groups where no use is specified (ST-001, table 4). A code near one of the
// first eight says the same group for another use.
var groupCodes = map[int]blood.Group{
	95: "O-", 51: "O+", 6: "A-", 62: "A+", 17: "B-", 73: "B+", 28: "AB-", 84: "AB+",
	55: "O", 66: "A", 77: "B", 88: "AB",
}

var usesByOffset = map[int]string{
	-4: "directed_only", -3: "emergency_only", -2: "directed_biohazard", -1: "directed_crossover", 0: "default",
	1: "autologous_crossover", 2: "autologous_only", 3: "autologous_biohazard",
}

// messages are codes that state no group (ST-001, table 5).
var messages = map[string]string{
	"00": "no_abo_rh_information", "Ma": "autologous", "Mb": "biohazardous", "Md": "discard", "Mf": "fractionation_only",
	"Mq": "quarantine", "Mr": "research", "Mx": "not_for_transfusion",
	"T1": "tissue", "T2": "tissue", "T3": "tissue", "T4": "tissue", "T5": "tissue", "T6": "tissue",
}

// groupOf reads the content of structure 002.
func groupOf(data string) Group {
	g := Group{Code: data[:2], Use: "unknown"}
	if m, ok := messages[g.Code]; ok {
		g.Use = m
		return g
	}
	n, err := strconv.Atoi(g.Code)
	if err != nil {
		return g
	}
	if group, ok := groupCodes[n]; ok {
		g.Group, g.Use = group, "default"
		return g
	}
	for offset, use := range usesByOffset {
		if group := groupCodes[n-offset]; len(group) > 0 && group[len(group)-1] < 'A' {
			g.Group, g.Use = group, use
		}
	}
	return g
}

// Ordinary reports whether the label calls the unit one for any patient whom it suits: not
// for one person, not for tissue, not to be kept from use, and not of a code that is
// unknown here and needs a person's eye.
func (g Group) Ordinary() bool { return g.Use == "default" || g.Use == "emergency_only" }
