package web

import (
	"strings"
	"time"

	"hemolift/dispatch/refusal"
	"hemolift/telemetry/coldchain/readings"
	"hemolift/web/api"
)

// maxLoggerRows bounds a logger's file: 17 days of a reading every 15 s.
const maxLoggerRows = 100_000

// readingOptions are what a caller says of a logger's file.
func readingOptions(params api.CompareLoggerParams) (o readings.Options, err error) {
	o.Box, o.MaxRows = params.Logger, maxLoggerRows
	if params.Zone != nil {
		zone, err := time.LoadLocation(*params.Zone)
		if err != nil || *params.Zone == "" || *params.Zone == "Local" {
			return o, refusal.Field{Field: "zone", Reason: "is no IANA zone, as Asia/Shanghai"}
		}
		o.Zone = zone
	}
	if params.Unit != nil {
		o.Unit = readings.Unit(*params.Unit)
	}
	if params.Dates != nil {
		o.Dates = readings.Order(*params.Dates)
	}
	if params.Columns != nil && strings.TrimSpace(*params.Columns) != "" {
		if o.Columns, err = readings.ParseColumns(*params.Columns); err != nil {
			return o, refusal.Field{Field: "columns", Reason: err.Error()}
		}
	}
	return o, nil
}

// linesView says how a file was read.
func linesView(l readings.Lines) api.ReadLines {
	v := api.ReadLines{
		Total:     l.Total,
		Read:      l.Read,
		Lost:      l.Lost,
		LeftOut:   faultsView(l.LeftOut),
		LostCells: l.LostCells,
		Cells:     faultsView(l.Cells),
		Assumed:   append([]string{}, l.Assumed...),
		Columns:   []api.ReadColumn{},
		Unused:    append([]string{}, l.Unused...),
		Encoding:  l.Encoding,
		Separator: l.Separator,
		Header:    l.Header,
		Times:     l.Times,
	}
	for _, c := range l.Columns {
		v.Columns = append(v.Columns, api.ReadColumn{Name: c.Name, As: string(c.As), Unit: some(string(c.Unit)), UnitBy: some(c.From)})
	}
	return v
}

func faultsView(faults []readings.Fault) []api.LineFault {
	views := []api.LineFault{}
	for _, f := range faults {
		views = append(views, api.LineFault{Line: f.Line, Reason: f.Reason})
	}
	return views
}
