package notice_test

import (
	"strings"
	"testing"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/notice"
)

func TestWhatIsTold(t *testing.T) {
	step := func(step delivery.Step, more ...string) delivery.Event {
		e := delivery.Event{Kind: delivery.EvDelivery, Site: "SY06", Subject: "D-1", Detail: map[string]string{"step": string(step)}}
		for i := 0; i+1 < len(more); i += 2 {
			e.Detail[more[i]] = more[i+1]
		}
		return e
	}
	alarm := func(kind delivery.AlarmKind, what string) delivery.Event {
		return delivery.Event{
			Kind: delivery.EvAlarm, Site: "SY06", Subject: "7", Detail: map[string]string{"what": what, "kind": string(kind), "delivery": "D-1"},
		}
	}
	of := func(status delivery.Status) delivery.Record {
		return delivery.Record{Delivery: delivery.Delivery{ID: "D-1", Hospital: "SY06", Drone: "HL-01", Status: status}}
	}
	for name, c := range map[string]struct {
		e    delivery.Event
		rec  delivery.Record
		kind notice.Kind // empty: nothing is told
	}{
		"it left":                             {step(delivery.StepTakeOff), of(delivery.DAirborne), notice.OnItsWay},
		"it left, and has landed since":       {step(delivery.StepTakeOff), of(delivery.DLanded), ""},
		"it landed":                           {step(delivery.StepLand), of(delivery.DLanded), notice.Landed},
		"it landed, and was received since":   {step(delivery.StepLand), of(delivery.DClosed), ""},
		"it is another's now":                 {step(delivery.StepDivert), of(delivery.DDiverted), notice.NotComing},
		"it has another's units":              {step(delivery.StepDivert, "from", "D-0"), of(delivery.DAirborne), notice.OnItsWay},
		"it was stood down":                   {step(delivery.StepStandDown), of(delivery.DCancelled), notice.NotComing},
		"people cancelled":                    {step(delivery.StepCancel), of(delivery.DCancelled), ""},
		"a box is too warm":                   {alarm(delivery.TempExcursion, "raised"), of(delivery.DAirborne), notice.Spoiling},
		"a box was too warm, and it is over":  {alarm(delivery.TempExcursion, "raised"), of(delivery.DClosed), ""},
		"a box is not too warm any more":      {alarm(delivery.TempExcursion, "cleared"), of(delivery.DAirborne), ""},
		"a drone waits for the pad":           {alarm(delivery.PadUnready, "raised"), of(delivery.DAirborne), notice.PadWanted},
		"an alarm that is not the hospital's": {alarm(delivery.LinkLoss, "raised"), of(delivery.DAirborne), ""},
	} {
		kind, id, ok := notice.About(c.e)
		var n notice.Notice
		if ok {
			n, ok = notice.Of(c.e, kind, c.rec)
		}
		if ok != (c.kind != "") || ok && (n.Kind != c.kind || id != "D-1") {
			t.Errorf("%s: told %v %+v", name, ok, n)
		}
		for _, lang := range []string{"zh", "en", "fr"} {
			if text := n.Text(lang); ok && (!strings.Contains(text, "HL-01") || strings.ContainsAny(text, "{}")) {
				t.Errorf("%s in %s: %q", name, lang, text)
			}
		}
	}
	e := step(delivery.StepTakeOff)
	e.Site = ""
	if _, _, ok := notice.About(e); ok {
		t.Error("what no hospital may see is told")
	}
}
