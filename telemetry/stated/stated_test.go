package stated_test

import (
	"math"
	"testing"
	"time"

	"hemolift/telemetry/stated"
)

func TestWhichTimesMayBeStated(t *testing.T) {
	for _, tt := range []struct {
		at time.Time
		ok bool
	}{
		{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-1), false},
		{time.Date(2099, 12, 31, 23, 59, 59, 999, time.UTC), true},
		{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{time.Date(2099, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600)), false}, // 2100 already, in UTC
		{time.Time{}, false},
		{time.UnixMilli(0), false},
		{time.UnixMilli(253_402_300_800_000), false}, // the year 10000
		{time.UnixMilli(math.MaxInt64), false},
		{time.UnixMilli(math.MinInt64), false},
	} {
		if err := stated.Check(tt.at); (err == nil) != tt.ok {
			t.Errorf("%v: %v", tt.at, err)
		}
		if got := stated.Bound(tt.at); stated.Check(got) != nil || tt.ok && !got.Equal(tt.at) {
			t.Errorf("%v is bounded to %v", tt.at, got)
		}
	}
}
