package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/paulmach/orb"

	"hemolift/telemetry"
	"hemolift/web/api"
)

// many is a hundred drones beside the demonstration's own.
const many = 100

// addDrones puts drones into the record of a demonstration, which knows them after its next start.
func addDrones(t *testing.T, p *process) []string {
	t.Helper()
	var ids []string
	for i := range many {
		id := fmt.Sprintf("XX-%03d", i)
		for _, q := range []string{
			`INSERT INTO device (id, kind) VALUES ($1, 'drone')`,
			`INSERT INTO drone (id, class_id, home_id) SELECT $1, class_id, home_id FROM drone WHERE id = 'HL-01'`,
		} {
			p.sql(q, id)
		}
		ids = append(ids, id)
	}
	return ids
}

// A hundred drones fly that nobody told to: each has one alarm, the page lists all of them, shows
// two above the map and says how many more there are, and that it is a flood. When they are down,
// every alarm has returned, and none is forgotten that nobody has seen.
func TestAHundredAlarmsAtOnce(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	first := startDemo(t, data, "-requests-per-hour", "0")
	ids := addDrones(t, first)
	first.stop()
	p := startDemo(t, data, "-requests-per-hour", "0")
	tower := signIn(t, p, "sun.tao", 1440, 900)
	desk := signIn(t, p, "li.jing", 1440, 900)
	var flown []*aircraft
	for i, id := range ids {
		a := &aircraft{id: id, at: orb.Point{123.3 + 0.02*float64(i%10), 41.7 + 0.02*float64(i/10)}, phase: telemetry.Airborne}
		a.takesOff(t, p)
		flown = append(flown, a)
	}
	rows := func(w *person, state string) (devices []string) {
		w.eval(fmt.Sprintf(
			`[...document.querySelectorAll(".control-main li[data-alarm=untold_flight][data-state=%s]")].map(e => e.dataset.device).sort()`, state), &devices)
		return devices
	}
	eventually(t, 2*time.Minute, "each drone has a row", func() bool { return slices.Equal(rows(tower, "unacknowledged"), ids) })
	eventually(t, time.Minute, "the page says that it is a flood", func() bool {
		var unseen int // with those of the start
		tower.eval(`document.querySelectorAll(".control-main li:is([data-state=unacknowledged], [data-state=returned])").length`, &unseen)
		return tower.text(`.alarm-rate.flood figcaption`) != "" && desk.text(`.banner.more`) == fmt.Sprintf("+%d", unseen-2)
	})
	var banners int
	if desk.eval(`document.querySelectorAll(".banner[data-alarm]").length`, &banners); banners != 2 {
		t.Errorf("%d banners over the map", banners)
	}
	tower.whole("flood", 320, 390, 1024, 1440)
	desk.whole("flood", 320, 390, 1024, 1440)
	eventually(t, time.Minute, "each drone has its block, marked", func() bool {
		const blocks = `[...document.querySelectorAll("[data-block^=XX]")].filter(e => !e.hidden && e.innerText.startsWith("! ")).length`
		var blocked int
		desk.eval(blocks, &blocked)
		return blocked == many
	})
	desk.shoot("flood")
	tower.accessible("flood")

	// One is seen, by two people at once: it is seen once.
	for _, w := range []*person{tower, desk} {
		w.eval(`fetch("/api/v1/alarms/" + document.querySelector("[data-alarm=untold_flight][data-alarm-id]").dataset.alarmId + "/ack", {method: "POST"}).then(r => r.status)`, nil)
	}
	eventually(t, time.Minute, "one row is acknowledged", func() bool { return len(rows(tower, "acknowledged")) == 1 })
	for _, a := range flown {
		a.touches()
	}
	eventually(t, 2*time.Minute, "the others have returned, and wait to be seen", func() bool { return len(rows(tower, "returned")) == many-1 })
	if len(tower.bad)+len(desk.bad) > 0 {
		t.Error(tower.bad, desk.bad)
	}
}

// A drone hears no command: the page says that it has not answered, then that the order is no
// longer sent, with an alarm; the order that it hears again is confirmed, and the alarm is over.
func TestADroneAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "10", "-requests-per-hour", "20")
	tower := signIn(t, p, "sun.tao", 1440, 900)
	d := airborne(t, p)
	drone := d.Mission.Drone
	flown := fly(t, p, d)
	flown.hears(false)
	tower.see(fmt.Sprintf(`.strip button[data-flight=%s]`, drone))
	tower.click(fmt.Sprintf(`.strip button[data-flight=%s]`, drone))
	tower.see(fmt.Sprintf(`[data-flight-panel=%s] footer .hold`, drone))
	told, hold := `.control-flight footer .told`, `.control-flight footer .hold:first-of-type`
	tower.holds(hold, told)
	says := func(words string) {
		t.Helper()
		eventually(t, time.Minute, "the page says "+words, func() bool { return strings.Contains(tower.text(told), words) })
	}
	says("has not answered for")
	says("no longer sent")
	row := fmt.Sprintf(`.control-main li[data-alarm=command_unacked][data-device=%s]`, drone)
	tower.see(row + `[data-state=unacknowledged]`)
	tower.shoot("unheard")
	if does := tower.text(fmt.Sprintf(`.strip button[data-flight=%s] .goal small`, drone)); strings.Contains(does, "hovers") {
		t.Errorf("a drone that heard nothing %s", does)
	}
	flown.hears(true)
	tower.holds(hold, fmt.Sprintf(`.strip button[data-flight=%s][data-doing=hovers]`, drone))
	says("confirmed hold after")
	tower.see(row + `[data-state=returned]`)
	if len(tower.bad) > 0 {
		t.Error(tower.bad)
	}
}

// A tab sleeps while hours pass: awake again, it shows what is now, and says nothing twice.
func TestATabSleepsForANight(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "20")
	desk := signIn(t, p, "li.jing", 1440, 900)
	d := airborne(t, p)
	card := fmt.Sprintf(`li[data-delivery=%q]`, d.Id)
	desk.see(card)
	asleep := func(state page.SetWebLifecycleStateState) {
		t.Helper()
		desk.run(string(state), chromedp.ActionFunc(func(ctx context.Context) error { return page.SetWebLifecycleState(state).Do(ctx) }))
	}
	asleep(page.SetWebLifecycleStateStateFrozen)
	begun := demoNow(t, p)
	warmBox(t, p, d.Boxes[0].Id)
	alarmStands(t, p, "temp_excursion")
	eventually(t, flightWithin, "hours pass, and the delivery lands", func() bool {
		var now api.Delivery
		if err := ops(p).call(context.Background(), "GET", "/deliveries/"+d.Id, nil, &now); err != nil {
			t.Fatal(err)
		}
		return demoNow(t, p).Sub(begun) > 30*time.Minute && now.Status != api.DeliveryStatusAirborne
	})
	asleep(page.SetWebLifecycleStateStateActive)
	eventually(t, time.Minute, "the page shows what is now, once", func() bool {
		var now struct {
			Live, Old     bool
			Alarms, Cards int
			Clock         string
		}
		desk.eval(fmt.Sprintf(`({
			live: document.querySelector("[data-connection=live]") !== null,
			alarms: document.querySelectorAll('.banner[data-alarm=temp_excursion][data-device=%s]').length,
			cards: document.querySelectorAll('li[data-delivery=%q]').length,
			old: /in the air|outbound/i.test(document.querySelector('li[data-delivery=%q]')?.innerText ?? ""),
			clock: document.querySelector("header.top .time b").innerText,
		})`, d.Boxes[0].Id, d.Id, d.Id), &now)
		shown, err := time.Parse(time.TimeOnly, now.Clock)
		return now.Live && err == nil && near(shown, demoNow(t, p)) && now.Alarms == 1 && now.Cards <= 1 && !now.Old
	})
	bad := slices.DeleteFunc(desk.bad, func(s string) bool { return strings.Contains(s, "Back-Forward Cache") }) // a frozen page has no socket
	if len(bad) > 0 {
		t.Error(bad)
	}
}

// near reports whether a clock of Beijing's time, of no day, shows a time to within two minutes.
func near(shown, at time.Time) bool {
	const day = 24 * time.Hour
	want := at.UTC().Add(8 * time.Hour)
	apart := shown.Sub(time.Date(shown.Year(), shown.Month(), shown.Day(), want.Hour(), want.Minute(), want.Second(), 0, time.UTC)).Abs()
	return min(apart, day-apart) < 2*time.Minute
}
