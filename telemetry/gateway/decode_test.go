package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/telemetry"
	"hemolift/telemetry/stated"
)

const goodPos = `{"seq":7,"t":1767225600000,"lon":123.4,"lat":41.8,"alt_m":165,"speed_mps":14,"track_deg":270,"battery_pct":80}`

func TestDecodeNamesTheField(t *testing.T) {
	now := time.UnixMilli(1767225600000)
	tests := []struct{ name, payload, want string }{
		{"good", goodPos, ""},
		{"batch", "[" + goodPos + "," + goodPos + "]", ""},
		{"no longitude", strings.Replace(goodPos, `"lon":123.4,`, "", 1), "lon: is missing"},
		{"no sequence", strings.Replace(goodPos, `"seq":7,`, "", 1), "seq: is missing"},
		{"no time", strings.Replace(goodPos, `"t":1767225600000,`, "", 1), "t: is missing"},
		{"text", strings.Replace(goodPos, "123.4", `"123.4"`, 1), "lon"},
		{"overflow", strings.Replace(goodPos, "123.4", `1e999`, 1), "lon"},
		{"NaN", strings.Replace(goodPos, "123.4", `NaN`, 1), "not JSON"},
		{"negative sequence", strings.Replace(goodPos, `"seq":7`, `"seq":-1`, 1), "seq"},
		{"off Earth", strings.Replace(goodPos, "41.8", "91", 1), "latitude"},
		{"too fast", strings.Replace(goodPos, `"speed_mps":14`, `"speed_mps":900`, 1), "speed_mps"},
		{"the year 10000", strings.Replace(goodPos, "1767225600000", "253402300800000", 1), "sample 0: t: is not within"},
		{"the beginning of the epoch", strings.Replace(goodPos, "1767225600000", "0", 1), "sample 0: t: is not within"},
		{"the end of all numbers", strings.Replace(goodPos, "1767225600000", "9223372036854775807", 1), "sample 0: t: is not within"},
		{"beyond all numbers", strings.Replace(goodPos, "1767225600000", "9223372036854775808", 1), "t: is a number"},
		{"future", strings.Replace(goodPos, "1767225600000", "1767225631000", 1), "ahead"},
		{"past", strings.Replace(goodPos, "1767225600000", "1766000000000", 1), "behind"},
		{"empty batch", `[]`, "batch"},
		{"empty", ``, "not JSON"},
		{"second of a batch", "[" + goodPos + `,{"seq":1}]`, "sample 1: lon"},
		{"too many", "[" + strings.Repeat(goodPos+",", MaxBatch) + goodPos + "]", "batch"},
	}
	for _, tt := range tests {
		b, err := DecodePositions("HL-01", []byte(tt.payload))
		if err == nil && len(b.Refused) > 0 {
			err = b.Refused
		}
		for _, s := range b.Samples {
			if err == nil {
				err = s.Check(now)
			}
		}
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// An answer of a clock that is wrong by ages is no answer: it could be stored and never told.
func TestAnAnswersTimeIsBounded(t *testing.T) {
	for ms, ok := range map[string]bool{"1767225600000": true, "253402300800000": false, "0": false, "-1": false, "9223372036854775807": false} {
		a, err := DecodeAck("D", []byte(`{"t":`+ms+`,"id":9,"ok":true}`))
		if (err == nil) != ok || ok && (!a.StatedAt.Equal(time.UnixMilli(1767225600000)) || !a.At.IsZero()) || !ok && !strings.HasPrefix(err.Error(), "t: ") {
			t.Errorf("%s: %+v, %v", ms, a, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(goodPos))
	f.Add([]byte(`[{"seq":1,"t":1767225600000,"temp_mc":4200,"ambient_mc":21000}]`))
	f.Add([]byte(`{"seq":1,"t":1767225600000,"state":"airborne","mission":"M-1","leg":0}`))
	f.Add([]byte(`{"t":1767225600000,"id":3,"ok":true,"hash":"ab"}`))
	now := time.UnixMilli(1767225600000)
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, dec := range []func(telemetry.DeviceID, []byte) (Batch, error){DecodePositions, DecodeTemperatures, DecodeStatuses} {
			b, err := dec("D", payload)
			if err != nil {
				continue
			}
			if len(b.Samples) != len(b.Index) || len(b.Samples)+len(b.Refused) == 0 {
				t.Fatalf("got %+v", b)
			}
			for _, s := range b.Samples {
				if s.Check(now) != nil {
					continue
				}
				if strings.Contains(fmt.Sprint(s), "NaN") || strings.Contains(fmt.Sprint(s), "Inf") {
					t.Fatalf("accepted %+v", s)
				}
			}
		}
		if a, err := DecodeAck("D", payload); err == nil && (len(a.Reason) > 200 || stated.Check(a.StatedAt) != nil) {
			t.Fatalf("accepted %+v", a)
		}
	})
}

// One bad element of a batch costs only itself, and is told by its place.
func TestOneBadElementCostsOnlyItself(t *testing.T) {
	good := func(seq int) string { return fmt.Sprintf(`{"seq":%d,"t":1767225600000,"temp_mc":4200}`, seq) }
	for _, bad := range []string{
		`{"seq":9,"t":1767225600000}`, `{"seq":9,"t":0,"temp_mc":1}`, `{}`, `null`, `7`, `[]`, `"x"`, `{"seq":9,"t":1767225600000,"temp_mc":"4"}`,
		`{"seq":9,"t":1767225600000,"temp_mc":4.5}`, `{"seq":9,"t":1767225600000,"temp_mc":1e300}`, `{"seq":-9,"t":1767225600000,"temp_mc":1}`,
		"{\"seq\":9,\"t\":1767225600000,\"temp_mc\":1,\"x\":\"\xff\"}", `{"seq":9,"t":1767225600000,"temp_mc":1,"x":"\u0000"}`,
	} {
		for at := range 4 {
			items := []string{good(1), good(2), good(3)}
			items = slices.Insert(items, at, bad)
			b, err := DecodeTemperatures("BX-1", []byte("["+strings.Join(items, ",")+"]"))
			if err != nil || len(b.Samples) != 3 || len(b.Refused) != 1 || b.Refused[0].Index != at || slices.Contains(b.Index, at) {
				t.Errorf("%s at %d: %+v, %v", bad, at, b, err)
			}
		}
	}
}

// Split in any way, a batch says the same.
func TestABatchInParts(t *testing.T) {
	var items []string
	for i := range 12 {
		item := fmt.Sprintf(`{"seq":%d,"t":1767225600000,"temp_mc":4200}`, i)
		if i%5 == 3 {
			item = `{"seq":1}`
		}
		items = append(items, item)
	}
	whole, err := DecodeTemperatures("BX-1", []byte("["+strings.Join(items, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(items); cut++ {
		var parts []telemetry.Sample
		for _, part := range [][]string{items[:cut], items[cut:]} {
			b, err := DecodeTemperatures("BX-1", []byte("["+strings.Join(part, ",")+"]"))
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, b.Samples...)
		}
		if !slices.Equal(parts, whole.Samples) {
			t.Errorf("cut at %d: %+v", cut, parts)
		}
	}
}

// An integer is one however JSON writes it.
func TestIntegersOfJSON(t *testing.T) {
	for text, want := range map[string]int32{"4200": 4200, "4200.0": 4200, "4.2e3": 4200, "42E2": 4200, "-4200.00": -4200, "-0.0": 0} {
		b, err := DecodeTemperatures("BX-1", []byte(`{"seq":1.0,"t":1.7672256e12,"temp_mc":`+text+`}`))
		if err != nil || len(b.Samples) != 1 {
			t.Errorf("%s: %+v, %v", text, b, err)
			continue
		}
		if got := b.Samples[0].Reading.(telemetry.Temperature).TempMC; got != want || b.Samples[0].Seq != 1 || b.Samples[0].At.UnixMilli() != 1767225600000 {
			t.Errorf("%s: %+v", text, b.Samples[0])
		}
	}
	for _, text := range []string{"4200.5", "1e-3", "2147483648", "1e99", `"4200"`, "true", "[4200]"} {
		b, err := DecodeTemperatures("BX-1", []byte(`{"seq":1,"t":1767225600000,"temp_mc":`+text+`}`))
		if err != nil || len(b.Refused) != 1 || !strings.Contains(b.Refused.Error(), "temp_mc") {
			t.Errorf("%s: %+v, %v", text, b, err)
		}
	}
}
