package dispatchdb

import (
	"strconv"
	"strings"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
)

// What is under way is found by indexes that hold nothing else (migration 45). Postgres takes
// one only where a query names the same statuses: a parameter could be any.
var (
	waiting = among(delivery.WaitingStatuses())
	ended   = among(delivery.EndedStatuses())
	over    = among(delivery.OverStatuses())
	open    = among([]delivery.RequestStatus{delivery.Open})
	inStock = among([]blood.UnitStatus{blood.InStock})
	release = among([]telemetry.CommandKind{telemetry.Release})
)

// deliveriesUnderWay are the ids of deliveries that have not ended, and of those whose drone is
// not free yet.
var deliveriesUnderWay = `SELECT id FROM delivery WHERE status NOT IN ` + ended + `
	UNION
	SELECT x.id FROM mission y JOIN delivery x ON x.mission_id = y.id WHERE y.status NOT IN ` + over

// among is a list of the program's own names as SQL has it.
func among[S ~string](names []S) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `'` + strings.ReplaceAll(string(n), `'`, `''`) + `'`
	}
	return `(` + strings.Join(quoted, `, `) + `)`
}

// asked are the conditions of a search, and their parameters. What was not asked for is not in the
// query: a condition that is sometimes none keeps Postgres from every index.
type asked struct {
	conditions []string
	args       []any
}

// when adds a condition, with a ? for each of its parameters.
func (a *asked) when(isAsked bool, condition string, args ...any) {
	if !isAsked {
		return
	}
	for _, arg := range args {
		condition = strings.Replace(condition, `?`, a.arg(arg), 1)
	}
	a.conditions = append(a.conditions, condition)
}

// begins adds that a column with an index for patterns begins with a text, if there is one.
func (a *asked) begins(column, with string) {
	a.when(with != "", column+` ~>=~ ? AND `+column+` ~<~ ?`, with, with+"\U0010FFFF")
}

// arg adds a parameter, and is how the query names it.
func (a *asked) arg(arg any) string {
	a.args = append(a.args, arg)
	return `$` + strconv.Itoa(len(a.args))
}

// where is what comes after the tables.
func (a *asked) where() string {
	if len(a.conditions) == 0 {
		return ``
	}
	return ` WHERE ` + strings.Join(a.conditions, ` AND `)
}
