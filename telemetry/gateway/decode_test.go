package gateway

import (
	"fmt"
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
		samples, err := DecodePositions("HL-01", []byte(tt.payload))
		for _, s := range samples {
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
		for _, dec := range []func(telemetry.DeviceID, []byte) ([]telemetry.Sample, error){DecodePositions, DecodeTemperatures, DecodeStatuses} {
			samples, err := dec("D", payload)
			if err != nil {
				continue
			}
			for _, s := range samples {
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
