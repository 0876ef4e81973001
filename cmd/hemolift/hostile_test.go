package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hemolift/web/api"
)

// TestBadInputIsRefusedAndCounted tries every door of a running program with what
// does not belong there.
func TestBadInputIsRefusedAndCounted(t *testing.T) {
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	ward, centre, admin := p.client("zhang.min"), p.client("li.jing"), p.client("admin")
	t.Run("HTTP", func(t *testing.T) { hostileHTTP(t, p, ward, centre) })
	t.Run("live", func(t *testing.T) { liveEvents(t, p, ward, p.client("liu.yang"), centre) })
	t.Run("MQTT", func(t *testing.T) { hostileMQTT(t, p, admin) })
}

func hostileHTTP(t *testing.T, p *process, ward, centre apiClient) {
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	order := func(from, to string) string {
		body := `{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":2,"urgency":"stat","needed_by":"` + soon + `"}`
		return strings.Replace(body, from, to, 1)
	}
	none := apiClient{url: p.url}
	tests := []struct {
		name         string
		who          apiClient
		method, path string
		body, key    string
		status       int
		field        string
	}{
		{"nobody", none, "GET", "/board", "", "", 401, ""},
		{"wrong token", apiClient{p.url, "guess"}, "GET", "/board", "", "", 401, ""},
		{"no such path", ward, "GET", "/secrets", "", "", 404, ""},
		{"no such request", ward, "GET", "/requests/R-1", "", "", 404, ""},
		{"no such delivery", centre, "POST", "/deliveries/D-1/steps", `{"step":"check"}`, "", 404, ""},
		{"no such mission", centre, "POST", "/missions/M-1/commands", `{"kind":"return"}`, "", 404, ""},
		{"no such command", centre, "POST", "/missions/M-1/commands", `{"kind":"crash"}`, "", 422, "kind"},
		{"no such alarm", centre, "POST", "/alarms/9/ack", "", "", 404, ""},
		{"alarm by name", centre, "POST", "/alarms/x/ack", "", "", 400, "id"},
		{"flight's own step", centre, "POST", "/deliveries/D-1/steps", `{"step":"land"}`, "", 422, "step"},
		{"no such record", centre, "GET", "/deliveries/D-1/coldchain", "", "", 404, ""},
		{"record of a form", centre, "GET", "/deliveries/D-1/coldchain?format=doc", "", "", 400, "format"},
		{"boxes by a ward", ward, "GET", "/boxes", "", "", 403, ""},
		{"no such box", centre, "GET", "/boxes/BX-X/calibrations", "", "", 404, ""},
		{
			"third probe",
			centre,
			"POST",
			"/boxes/BX-001/calibrations",
			`{"probe":3,"certificate":"c","calibrated_on":"2020-01-01","due_on":"2021-01-01"}`,
			"",
			422,
			"probe",
		},
		{
			"due before",
			centre,
			"POST",
			"/boxes/BX-001/calibrations",
			`{"probe":1,"certificate":"c","calibrated_on":"2020-01-02","due_on":"2020-01-01"}`,
			"",
			422,
			"due_on",
		},
		{
			"no date",
			centre,
			"POST",
			"/boxes/BX-001/calibrations",
			`{"probe":1,"certificate":"c","calibrated_on":"soon","due_on":"2020-01-01"}`,
			"",
			400,
			"calibrated_on",
		},
		{
			"calibration by a ward",
			ward,
			"POST",
			"/boxes/BX-001/calibrations",
			`{"probe":1,"certificate":"c","calibrated_on":"2020-01-01","due_on":"2021-01-01"}`,
			"",
			403,
			"",
		},
		{"logger as JSON", centre, "POST", "/deliveries/D-1/logger?logger=BX-001", `{}`, "", 400, "Content-Type"},
		{"no logger named", centre, "POST", "/deliveries/D-1/logger", `{}`, "", 400, "logger"},
		{"no such drone", centre, "GET", "/drones/HL-X/calibration", "", "", 404, ""},
		{"calibration of a drone by a ward", ward, "GET", "/drones/HL-01/calibration", "", "", 403, ""},
		{"no key", ward, "POST", "/requests", order("", ""), "", 400, "Idempotency-Key"},
		{"short key", ward, "POST", "/requests", order("", ""), "k", 400, "Idempotency-Key"},
		{"no units", ward, "POST", "/requests", order(`"units":2,`, ""), "key-00001", 422, "units"},
		{"many units", ward, "POST", "/requests", order(`"units":2`, `"units":1000000`), "key-00001", 422, "units"},
		{"overflow", ward, "POST", "/requests", order(`"units":2`, `"units":99999999999999999999`), "key-00001", 400, "units"},
		{"text", ward, "POST", "/requests", order(`"units":2`, `"units":"2"`), "key-00001", 400, "units"},
		{"a name", ward, "POST", "/requests", order(`"units":2`, `"units":2,"patient":{"name":"x"}`), "key-00001", 400, "patient.name"},
		{"past", ward, "POST", "/requests", order(soon, "2001-01-01T00:00:00Z"), "key-00001", 422, "needed_by"},
		{"far future", ward, "POST", "/requests", order(soon, "2999-01-01T00:00:00Z"), "key-00001", 400, "needed_by"},
		{"far, but to be stated", ward, "POST", "/requests", order(soon, "2099-01-01T00:00:00Z"), "key-00001", 422, "needed_by"},
		{"another hospital", ward, "POST", "/requests", strings.ReplaceAll(order("", ""), "SY06", "CMU1"), "key-00001", 403, ""},
		{"another's pad", ward, "POST", "/requests", order("SY06-P1", "CMU1-P1"), "key-00001", 422, "pad"},
		{"huge body", ward, "POST", "/requests", `"` + strings.Repeat("x", 1<<20) + `"`, "key-00001", 413, ""},
		{"ward accepts", ward, "POST", "/requests/R-1/accept", `{}`, "", 403, ""},
		{"ward stocks", ward, "POST", "/units", `{"units":[]}`, "", 403, ""},
		{
			"bad DIN",
			centre,
			"POST",
			"/units",
			`{"units":[{"key":{"din":"O0","product_code":"A0001V00"},"component":"red_cells","blood_group":"O+","mass_g":350,"expires_at":"` + soon + `","site":"SYBC"}]}`,
			"",
			422,
			"units[0].din",
		},
		{"ward renews a secret", ward, "POST", "/devices/HL-01/secret", "", "", 403, ""},
		{"no such failure", centre, "POST", "/deliveries/D-1/recover", `{"way":"replace"}`, "", 404, ""},
		{"no such way", centre, "POST", "/deliveries/D-1/recover", `{"way":"magic","now":true}`, "", 400, "now"},
		{"ward diverts", ward, "POST", "/requests/R-1/divert", `{"delivery":"D-1"}`, "", 403, ""},
		{"divert for nobody", centre, "POST", "/requests/R-1/divert", `{"delivery":"D-1"}`, "", 404, ""},
		{"no such road step", centre, "POST", "/requests/R-1/road", `{"step":"lost"}`, "", 422, "step"},
		{"ward closes another's pad", ward, "POST", "/closures", `{"site":"CMU1","reason":"x","until":"` + soon + `"}`, "", 403, ""},
		{"no such site", centre, "POST", "/closures", `{"site":"MOON","reason":"x","until":"` + soon + `"}`, "", 422, "site"},
		{
			"another's pad closed",
			centre,
			"POST",
			"/closures",
			`{"site":"SY06","pad":"CMU1-P1","reason":"x","until":"` + soon + `"}`,
			"",
			422,
			"pad",
		},
		{"closed for no reason", centre, "POST", "/closures", `{"site":"SY06","reason":" ","until":"` + soon + `"}`, "", 422, "reason"},
		{"a NUL", centre, "POST", "/closures", `{"site":"SY06","reason":"fire\u0000","until":"` + soon + `"}`, "", 400, "body"},
		{"closed for ever", centre, "POST", "/closures", `{"site":"SY06","reason":"x","until":"2099-01-01T00:00:00Z"}`, "", 422, "until"},
		{"nothing closed", centre, "POST", "/closures", `{"reason":"x","until":"` + soon + `"}`, "", 422, "site"},
		{"no such device", centre, "POST", "/closures", `{"device":"HL-99","reason":"x","until":"` + soon + `"}`, "", 422, "device"},
		{
			"device with a site",
			centre,
			"POST",
			"/closures",
			`{"device":"HL-01","site":"SYBC","reason":"x","until":"` + soon + `"}`,
			"",
			422,
			"device",
		},
		{"ward closes a drone", ward, "POST", "/closures", `{"device":"HL-01","reason":"x","until":"` + soon + `"}`, "", 403, ""},
		{"taken from nowhere", centre, "POST", "/missions/M-1/taken", "", "", 404, ""},
		{"ward takes a drone away", ward, "POST", "/missions/M-1/taken", "", "", 403, ""},
		{"opened twice", centre, "DELETE", "/closures/77", "", "", 404, ""},
		{"ward reads a day", ward, "POST", "/days/2026-11-23", `{}`, "", 403, ""},
		{"no such day", centre, "POST", "/days/yesterday", `{}`, "", 400, "date"},
		{"a day by half a policy", centre, "POST", "/days/2026-11-23", `{"policy":"rule,of,value\nversion,,1\n"}`, "", 400, "policy"},
		{"a day in a storm", centre, "POST", "/days/2026-11-23", `{"wind_mps":500}`, "", 422, "wind_mps"},
		{"bad limit", centre, "GET", "/requests?limit=100000", "", "", 400, "limit"},
		{"limit by name", centre, "GET", "/requests?limit=x", "", "", 400, "limit"},
		{"negative after", centre, "GET", "/events?after=-1", "", "", 400, "after"},
		{"live without protocol", centre, "GET", "/live", "", "", 400, "Sec-WebSocket-Protocol"},
	}
	for _, tt := range tests {
		pr := ask(t, tt.who, tt.method, tt.path, tt.body, tt.key)
		field := ""
		if pr.Field != nil {
			field = *pr.Field
		}
		if pr.Status != tt.status || field != tt.field {
			t.Errorf("%s: got %d %s, field %q; want %d, %q", tt.name, pr.Status, pr.Title, field, tt.status, tt.field)
		}
	}
	var list []api.Request
	if err := centre.call(context.Background(), "GET", "/requests", nil, &list); err != nil || len(list) != 0 {
		t.Errorf("%d requests were stored (%v)", len(list), err)
	}
	// The page of another origin may not act with a person's cookie.
	req, _ := http.NewRequest("DELETE", p.url+"/api/v1/session", nil)
	req.Header.Set("Origin", "http://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("cross-site: got %v, %v", res.Status, err)
	}
	res.Body.Close()
	if m := metrics(
		t,
		p,
	); !strings.Contains(m, `hemolift_problems_total{type="bad-value"}`) ||
		!strings.Contains(m, `hemolift_problems_total{type="too-large"}`) {
		t.Error("refusals are not counted")
	}
}

func ask(t *testing.T, c apiClient, method, path, body, key string) api.Problem {
	t.Helper()
	var payload any
	if body != "" {
		payload = rawJSON(body)
	}
	var header []string
	if key != "" {
		header = []string{"Idempotency-Key", key}
	}
	var problem apiError
	err := c.call(context.Background(), method, path, payload, nil, header...)
	if !errors.As(err, &problem) {
		t.Errorf("%s %s: got %v, want a problem", method, path, err)
	}
	return problem.Problem
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func metrics(t *testing.T, p *process) string {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), "GET", p.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.as("admin").token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func hostileMQTT(t *testing.T, p *process, admin apiClient) {
	var s api.Secret
	if err := admin.call(context.Background(), "POST", "/devices/HL-12/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	dial := func(client, user, password string) (mqtt.Client, error) {
		c := mqtt.NewClient(
			mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(client).SetUsername(user).SetPassword(password).SetAutoReconnect(false),
		)
		tok := c.Connect()
		if !tok.WaitTimeout(5 * time.Second) {
			return nil, errors.New("time-out")
		}
		return c, tok.Error()
	}
	for _, bad := range [][3]string{{"HL-12", "HL-12", "wrong"}, {"HL-12", "HL-11", s.Secret}, {"HL-11", "HL-12", s.Secret}, {"ghost", "ghost", ""}, {"HL-12", "", ""}} {
		if c, err := dial(bad[0], bad[1], bad[2]); err == nil {
			c.Disconnect(0)
			t.Errorf("connected as %v", bad)
		}
	}
	will := mqtt.NewClient(
		mqtt.NewClientOptions().AddBroker(
			"tcp://"+p.mqtt,
		).SetClientID("HL-12").SetUsername("HL-12").SetPassword(s.Secret).SetAutoReconnect(false).
			SetWill(
				"hl/v1/HL-01/cmd",
				`{"id":1,"kind":"return"}`,
				1,
				false,
			),
	)
	if tok := will.Connect(); tok.WaitTimeout(5*time.Second) && tok.Error() == nil {
		t.Error("connected with a last will, which would pass the check of topics")
	}
	refused := make(chan string, 64)
	c, err := dial("HL-12", "HL-12", s.Secret)
	if err != nil {
		t.Fatal(err)
	}
	c.Subscribe("hl/v1/HL-12/refused", 0, func(_ mqtt.Client, m mqtt.Message) { refused <- string(m.Payload()) }).Wait()
	now := time.Now().UnixMilli()
	pos := func(from, to string) string {
		return strings.Replace(
			fmt.Sprintf(`{"seq":1,"t":%d,"lon":123.4,"lat":41.8,"alt_m":165,"speed_mps":14,"track_deg":270,"battery_pct":80}`, now),
			from,
			to,
			1,
		)
	}
	for _, tt := range []struct{ topic, payload, want string }{
		{"pos", `{`, "not JSON"},
		{"pos", pos("123.4", "NaN"), "not JSON"},
		{"pos", pos("41.8", "91"), "latitude"},
		{"pos", pos("123.4", "1e999"), "lon"},
		{"pos", pos(fmt.Sprint(now), fmt.Sprint(now+86_400_000)), "ahead"},
		{"pos", pos(fmt.Sprint(now), "0"), "is not within"},
		{"pos", pos(fmt.Sprint(now), fmt.Sprint(now-8*86_400_000)), "behind"},
		{"pos", pos(`"seq":1,`, ""), "seq"},
		{"status", fmt.Sprintf(`{"seq":1,"t":%d,"state":"diving"}`, now), "diving"},
		{"status", fmt.Sprintf(`{"seq":1,"t":%d,"state":"parked","mission":"M\u0000"}`, now), "NUL"},
		{"status", fmt.Sprintf("{\"seq\":1,\"t\":%d,\"state\":\"parked\",\"mission\":\"M\xff\"}", now), "UTF-8"},
		{"ack", fmt.Sprintf(`{"t":%d,"id":999999,"ok":false,"reason":"\u0000"}`, now), "NUL"},
		{"ack", fmt.Sprintf(`{"t":%d,"id":999999,"ok":true}`, now), "999999"},
	} {
		tok := c.Publish("hl/v1/HL-12/"+tt.topic, 1, false, tt.payload)
		if !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
			t.Fatalf("%s %s: not acknowledged: %v", tt.topic, tt.payload, tok.Error())
		}
		select {
		case got := <-refused:
			if !strings.Contains(got, tt.want) {
				t.Errorf("%s %s: refused with %s, want %q", tt.topic, tt.payload, got, tt.want)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s %s: the device was not told", tt.topic, tt.payload)
		}
	}
	readsLetters(t, admin, c, pos)
	// With another secret the connection ends, and the old secret opens none.
	lost := make(chan struct{})
	old := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID("HL-12").SetUsername("HL-12").SetPassword(s.Secret).
		SetAutoReconnect(false).SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) }))
	if tok := old.Connect(); !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	was := s.Secret
	if err := admin.call(context.Background(), "POST", "/devices/HL-12/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	select {
	case <-lost:
	case <-time.After(20 * time.Second):
		t.Error("the connection outlives its credential")
	}
	if _, err := dial("HL-12", "HL-12", was); err == nil {
		t.Error("connected with the old secret")
	}
	for _, topic := range []string{"hl/v1/HL-11/pos", "hl/v1/HL-12/temp", "hl/v1/clock", "hl/v1/HL-12/cmd", "$SYS/x"} {
		if c, err = dial("HL-12", "HL-12", s.Secret); err != nil {
			t.Fatal(err)
		}
		tok := c.Publish(topic, 1, false, pos("", ""))
		if tok.WaitTimeout(2*time.Second) && tok.Error() == nil && c.IsConnectionOpen() {
			t.Errorf("publishing to %s was taken", topic)
		}
		c.Disconnect(0)
	}
	if m := metrics(
		t,
		p,
	); !strings.Contains(m, `hemolift_device_refused_total{reason="topic not allowed"}`) || !strings.Contains(m, `hemolift_device_refused_total{reason="bad pos"} 9`) ||
		!strings.Contains(m, `reason="bad credential"`) {
		t.Errorf("refusals are not counted: %s", grep(m, "refused_total"))
	}
}

func grep(s, what string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if strings.Contains(line, what) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// liveEvents checks that each viewer hears its own, loses nothing, and resumes.
func liveEvents(t *testing.T, p *process, ward, other, centre apiClient) {
	isEvent := func(subject string) func(liveFrame) bool {
		return func(f liveFrame) bool { return f.Event != nil && f.Event.Subject == subject }
	}
	all, own, foreign := liveFeed(t, p, centre, ""), liveFeed(t, p, ward, ""), liveFeed(t, p, other, "")
	next(t, all, "hello", func(f liveFrame) bool { return f.Kind == "hello" })
	next(t, all, "snapshot with the fleet", func(f liveFrame) bool { return len(f.Drones) > 0 })
	var b api.Board
	if err := ward.call(context.Background(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	ask := func(c apiClient, hospital, key string) string {
		var r api.Request
		o := api.NewRequest{
			Hospital:   hospital,
			Pad:        hospital + "-P1",
			Component:  "red_cells",
			BloodGroup: "O+",
			Units:      1,
			Urgency:    "routine",
			NeededBy:   b.Now.Add(3 * time.Hour),
		}
		if err := c.call(context.Background(), "POST", "/requests", o, &r, "Idempotency-Key", key); err != nil {
			t.Fatal(err)
		}
		return r.Id
	}
	mine := ask(ward, "SY06", "live-test-1")
	heard := next(t, all, "the event at the centre", isEvent(mine))
	next(t, own, "the event at the ward", isEvent(mine))
	theirs := ask(other, "LNPH", "live-test-2")
	next(t, foreign, "the other hospital's own event", func(f liveFrame) bool {
		if f.Event != nil && f.Event.Subject == mine {
			t.Error("a hospital heard another's request")
		}
		return isEvent(theirs)(f)
	})
	resumed := liveFeed(t, p, centre, fmt.Sprintf("?after=%d", heard.Event.Seq-1))
	if f := next(t, resumed, "the resumed event", func(f liveFrame) bool { return f.Event != nil }); f.Event.Seq != heard.Event.Seq {
		t.Errorf("resumed with event %d, want %d", f.Event.Seq, heard.Event.Seq)
	}
}

// readsLetters sends a batch of which one element is bad: it is found again beside what
// was refused before, by its place.
func readsLetters(t *testing.T, admin apiClient, c mqtt.Client, pos func(from, to string) string) {
	t.Helper()
	batch := "[" + pos(`"seq":1`, `"seq":2`) + "," + pos("41.8", "91") + "," + pos(`"seq":1`, `"seq":3`) + "]"
	if tok := c.Publish("hl/v1/HL-12/pos", 1, false, batch); !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
		t.Fatalf("the batch was not acknowledged: %v", tok.Error())
	}
	var letters []api.DeadLetter
	eventually(t, 30*time.Second, "the letters are kept", func() bool {
		if err := admin.call(context.Background(), "GET", "/refused?device=HL-12&limit=50", nil, &letters); err != nil {
			t.Fatal(err)
		}
		return len(letters) == 14
	})
	newest, oldest := letters[0], letters[13]
	if newest.Index == nil || *newest.Index != 1 || newest.Payload != pos("41.8", "91") || !strings.Contains(newest.Reason, "latitude") {
		t.Errorf("the newest: %+v", newest)
	}
	if oldest.Topic != "pos" || oldest.Payload != "{" || oldest.Index != nil {
		t.Errorf("the oldest: %+v", oldest)
	}
}
