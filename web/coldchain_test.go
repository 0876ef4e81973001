package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/telemetry"
	"hemolift/telemetry/telemetrydb"
	"hemolift/web/api"
)

// warmed is a delivery on its way whose box was at 11 °C for ten minutes of thirty.
func warmed(d *door) api.Delivery {
	d.t.Helper()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.loads(d.submits(order(1)).Id)
	d.Logs(telemetry.DeviceID(del.Boxes[0].Id), func(minute float64) int32 {
		if minute >= 10 && minute < 20 {
			return 11_000
		}
		return 5000
	}, 30)
	return del
}

func TestTheColdChainOfADeliveryIsRead(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := warmed(d)
	ward, other := d.as(desktest.Ward), d.as(desktest.Other)
	path := "/deliveries/" + del.Id

	var readings []api.Reading
	ward.asks("GET", path+"/temperatures", nil).gives(http.StatusOK, &readings)
	if len(readings) != 121 || readings[0].TempMc != 5000 || given(readings[0].AmbientMc) != 20_000 || readings[0].Temp2Mc != nil {
		t.Errorf("%d readings, the first %+v", len(readings), readings[0])
	}
	got := ward.asks("GET", path+"/temperatures", nil, "Accept", "text/csv")
	got.gives(http.StatusOK, nil)
	rows, err := csv.NewReader(bytes.NewReader(got.body)).ReadAll()
	if err != nil || len(rows) != 122 || strings.Join(rows[1][1:], " ") != "5.000  20.000 false false" {
		t.Errorf("%d rows, %v, %v", len(rows), rows[1], err)
	}
	if kind := got.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("the table is %s", kind)
	}

	got = ward.asks("GET", path+"/temperatures?csv=spreadsheet", nil, "Accept", "text/csv")
	got.gives(http.StatusOK, nil)
	if !bytes.HasPrefix(got.body, []byte("\ufeffat,temp_c,")) || bytes.Count(got.body, []byte("\r\n")) != 122 {
		t.Errorf("for a spreadsheet: %.60q", got.body)
	}
	ward.asks("GET", path+"/temperatures?csv=xlsx", nil, "Accept", "text/csv").refuses(http.StatusBadRequest, "csv")

	var c api.ColdRecord
	ward.asks("GET", path+"/coldchain", nil).gives(http.StatusOK, &c)
	if c.Readings != 121 || c.OutHighS < 590 || c.OutHighS > 640 || len(c.Events) != 1 || c.Events[0].ExtremeC != 11 || c.MeanKineticC == nil ||
		len(c.Units) != 1 || c.Units[0].Advice != "quarantine" || len(c.Units[0].Findings) == 0 || c.Profile.HighC == nil {
		t.Errorf("record %+v", c)
	}
	for format, start := range map[string]string{"pdf": "%PDF-", "svg": "<svg", "json": "{"} {
		got := ward.asks("GET", path+"/coldchain?format="+format, nil)
		got.gives(http.StatusOK, nil)
		if !bytes.HasPrefix(got.body, []byte(start)) {
			t.Errorf("%s begins with %.20q", format, got.body)
		}
	}
	ward.asks("GET", path+"/coldchain?format=docx", nil).refuses(http.StatusBadRequest, "format")
	for _, of := range []string{"/temperatures", "/coldchain"} {
		other.asks("GET", path+of, nil).refuses(http.StatusNotFound, "")
		ward.asks("GET", "/deliveries/D-0"+of, nil).refuses(http.StatusNotFound, "")
	}
	var boxes []api.BoxState
	d.as(desktest.Anna).asks("GET", "/boxes", nil).gives(http.StatusOK, &boxes)
	for _, b := range boxes {
		if b.Id == del.Boxes[0].Id && (!b.Watched || given(b.Delivery) != del.Id || given(b.Drone) != del.Mission.Drone) {
			t.Errorf("the box is shown as %+v", b)
		}
	}
}

// Before it is packed a box's temperatures are no concern of a delivery.
func TestNothingIsReadOfABoxBeforeItIsPacked(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	anna := d.as(desktest.Anna)
	var del api.Delivery
	anna.asks("POST", "/requests/"+d.submits(order(1)).Id+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	var readings []api.Reading
	anna.asks("GET", "/deliveries/"+del.Id+"/temperatures", nil).gives(http.StatusOK, &readings)
	if len(readings) != 0 {
		t.Errorf("read %+v", readings)
	}
	anna.asks("GET", "/deliveries/"+del.Id+"/coldchain", nil).refuses(http.StatusConflict, "")
}

func TestALoggersFileIsComparedWithWhatWasHeard(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := warmed(d)
	ward := d.as(desktest.Ward)
	packed := *del.Boxes[0].PackedAt
	table := func(zone *time.Location) string {
		rows := "time,temp_c\n"
		for s := 0; s <= 1800; s += 15 {
			c := 5.0
			if s >= 600 && s < 1200 {
				c = 11
			}
			rows += fmt.Sprintf("%s,%.1f\n", d.loggedAt(del).Add(time.Duration(s)*time.Second).In(zone).Format("2006-01-02T15:04:05Z07:00"), c)
		}
		return rows
	}
	path := "/deliveries/" + del.Id + "/logger?logger=" + del.Boxes[0].Id
	isTable := []string{"Content-Type", "text/csv"}
	var c api.LoggerComparison
	ward.asks("POST", path, table(time.UTC), isTable...).gives(http.StatusOK, &c)
	if c.Logged != 121 || c.Matched != 121 || c.Differing != 0 || c.Advice != "quarantine" || c.OutHighS < 590 || len(c.Events) != 1 ||
		c.Lines.Lost != 0 || c.Lines.Read != 121 || len(c.Findings) == 0 {
		t.Errorf("compared (packed at %s): %+v", packed, c)
	}
	ward.asks("POST", path+"&zone=Asia/Shanghai&unit=f", "time,temp\n2026-11-22 14:00:00,41\nnonsense,x\n", isTable...).gives(http.StatusOK, &c)
	if c.Logged != 1 || c.Lines.Lost != 1 || c.Lines.Times == "" {
		t.Errorf("with a broken line: %+v", c)
	}
	var cold api.ColdRecord // the record says how the files were read
	ward.asks("GET", "/deliveries/"+del.Id+"/coldchain", nil).gives(http.StatusOK, &cold)
	if len(cold.Loggers) != 2 || !strings.Contains(strings.Join(cold.Loggers[0].Said, "\n"), "1 of 2 lines read, 1 lost") ||
		!strings.Contains(cold.Loggers[1].Said[0], "advises quarantine") {
		t.Errorf("the record of loggers: %+v", cold.Loggers)
	}
	ward.asks("POST", path+"&columns=taste=x", table(time.UTC), isTable...).refuses(http.StatusUnprocessableEntity, "columns")
	ward.asks("POST", path+"&zone=Local", table(time.UTC), isTable...).refuses(http.StatusUnprocessableEntity, "zone")
	ward.asks("POST", path, table(time.UTC)).refuses(http.StatusBadRequest, "Content-Type")
	ward.asks("POST", path, strings.Repeat("x\n", maxLoggerRows+1), isTable...).refuses(http.StatusUnprocessableEntity, "body")
	ward.asks("POST", path, strings.Repeat("x", maxLoggerBytes+1), isTable...).refuses(http.StatusRequestEntityTooLarge, "")
	ward.asks("POST", "/deliveries/"+del.Id+"/logger", "", isTable...).refuses(http.StatusBadRequest, "logger")
	ward.asks("POST", "/deliveries/"+del.Id+"/logger?logger=BX-0", table(time.UTC), isTable...).refuses(http.StatusUnprocessableEntity, "logger")
	d.as(desktest.Other).asks("POST", path, table(time.UTC), isTable...).refuses(http.StatusNotFound, "")
}

// loggedAt is when the first stored reading of a delivery's box was taken.
func (d *door) loggedAt(del api.Delivery) time.Time {
	d.t.Helper()
	got, err := telemetrydb.New(d.Pool).Temperatures(d.t.Context(), telemetry.DeviceID(del.Boxes[0].Id), desktest.T0, d.Now())
	if err != nil || len(got) == 0 {
		d.t.Fatalf("%d readings, %v", len(got), err)
	}
	return got[0].At
}
