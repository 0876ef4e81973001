package main

import (
	"testing"
	"time"

	"hemolift/web/api"
)

// Started again, the demonstration goes on asking for blood, from the stock that it had.
func TestADemonstrationGoesOn(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	count := func(p *process) (requests, units int) {
		t.Helper()
		var rs []api.Request
		var us []api.StockUnit
		for path, into := range map[string]any{"/requests?limit=500": &rs, "/units?limit=500&site=SYBC&status=in_stock": &us} {
			if err := p.as("li.jing").call(t.Context(), "GET", path, nil, into); err != nil {
				t.Fatal(err)
			}
		}
		return len(rs), len(us)
	}
	args := []string{"-speed", "20", "-requests-per-hour", "120"}
	p := startDemo(t, data, args...)
	var asked, stocked int
	eventually(t, time.Minute, "there is stock, and a request", func() bool { asked, stocked = count(p); return asked > 0 && stocked > 0 })
	p.stop()
	p = startDemo(t, data, args...)
	before, _ := count(p)
	eventually(t, time.Minute, "another request", func() bool { after, _ := count(p); return after > max(asked, before) })
}
