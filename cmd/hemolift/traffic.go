package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/web/api"
)

// traffic is the hospitals' requests and the centres' collections of the
// demonstration, through the API.
type traffic struct {
	url     string
	tokens  map[string]string
	perHour float64
	seed    uint64
	now     func() time.Time
	rate    float64
	network *network.Network
	log     *slog.Logger
	rng     *rand.Rand
	begun   bool
}

// Shares of groups among donors and patients; RhD negative is rare, as recalled for
// northern China.
const (
	shareA, shareB, shareO = 0.28, 0.32, 0.30 // the rest is AB
	shareNegative          = 0.004
)

const restockEvery = 4 * time.Hour // server time

func (t *traffic) run(ctx context.Context) error {
	t.rng = rand.New(rand.NewPCG(t.seed, uint64(t.now().Unix())))
	restock := t.now()
	next := t.now().Add(5 * time.Second)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if now := t.now(); !now.Before(restock) {
			if err := t.collect(ctx, now); err != nil {
				t.complain(ctx, "collect", err)
				continue
			}
			restock = now.Add(restockEvery)
		}
		if now := t.now(); t.perHour > 0 && !now.Before(next) {
			if err := t.request(ctx, now); err != nil {
				t.complain(ctx, "request", err)
			}
			next = now.Add(time.Duration(t.rng.ExpFloat64() / t.perHour * float64(time.Hour)))
		}
	}
}

func (t *traffic) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		t.log.Warn("demonstration "+what, "err", err)
	}
}

func (t *traffic) group() api.BloodGroup {
	abo := "AB"
	switch p := t.rng.Float64(); {
	case p < shareA:
		abo = "A"
	case p < shareA+shareB:
		abo = "B"
	case p < shareA+shareB+shareO:
		abo = "O"
	}
	if t.rng.Float64() < shareNegative {
		return api.BloodGroup(abo + "-")
	}
	return api.BloodGroup(abo + "+")
}

// products are what the demonstration keeps of each component. The codes are of the
// local family (A), not of the licensed tables.
var products = []product{
	{"red_cells", "A0001V00", 350, 35 * 24 * time.Hour, 140, 0.6},
	{"plasma", "A0003V00", 250, 365 * 24 * time.Hour, 60, 0.16},
	{"platelets", "A0002V00", 300, 5 * 24 * time.Hour, 40, 0.16},
	{"cryoprecipitate", "A0004V00", 60, 365 * 24 * time.Hour, 30, 0.08},
}

// product is one kind of bag.
type product struct {
	component api.Component
	code      string
	massG     int
	shelf     time.Duration
	units     int // at a collection of the first centre
	share     float64
}

// collect puts a few hundred units into the first centre's stock and fewer into
// the others', unless that was done before the demonstration was started again.
func (t *traffic) collect(ctx context.Context, now time.Time) error {
	var units []api.NewUnit
	serial := int(now.Unix()/int64(restockEvery.Seconds())) * 997
	for _, s := range t.network.Sites {
		if s.Kind != network.BloodCentre {
			continue
		}
		for _, p := range products {
			n := p.units
			if s.ID != mainCentre {
				n /= 4
			}
			for range n {
				serial++
				units = append(units, t.unit(p, t.group(), now, string(s.ID), serial))
			}
			for _, rare := range []api.BloodGroup{"O-", "A-"} { // a few kept for those who need them
				serial++
				units = append(units, t.unit(p, rare, now, string(s.ID), serial))
			}
		}
	}
	crew := apiClient{t.url, t.tokens[crewA]}
	var there []api.StockUnit
	if err := crew.call(ctx, "GET", "/units?limit=1&din="+units[0].Key.Din, nil, &there); err != nil || len(there) > 0 {
		return err
	}
	return crew.call(ctx, "POST", "/units", api.NewUnits{Units: units}, nil)
}

func (t *traffic) unit(p product, g api.BloodGroup, now time.Time, site string, serial int) api.NewUnit {
	expires := now.Add(p.shelf)
	spread := time.Duration(t.rng.Int64N(int64(24 * time.Hour)))
	return api.NewUnit{
		Key:       api.UnitKey{Din: fmt.Sprintf("A9999%02d%06d", expires.Year()%100, serial%1_000_000), ProductCode: p.code},
		Component: p.component, BloodGroup: g, MassG: p.massG, ExpiresAt: expires.Add(-spread).Truncate(time.Minute), Site: site,
	}
}

// mainCentre is where the first line begins, firstHospital where it ends.
const (
	mainCentre    = "SYBC"
	firstHospital = "SY06"
)

// farM is beyond what the first line's aircraft reach.
const farM = 20_000

// request asks for something at a random hospital within reach of the first centre.
func (t *traffic) request(ctx context.Context, now time.Time) error {
	centre, _ := t.network.Site(mainCentre)
	var near []network.Site
	for _, s := range t.network.Sites {
		if s.Kind == network.Hospital && geo.Distance(s.Point, centre.Point) < farM {
			near = append(near, s)
		}
	}
	h := near[t.rng.IntN(len(near))]
	urgency, within := api.Urgency("routine"), 3*time.Hour
	switch p := t.rng.Float64(); {
	case p < 0.25:
		urgency, within = "stat", 30*time.Minute
	case p < 0.65:
		urgency, within = "urgent", 60*time.Minute
	}
	o := api.NewRequest{
		Hospital:   string(h.ID),
		Pad:        string(h.ID) + "-P1",
		Component:  t.component(),
		BloodGroup: t.group(),
		Units:      1 + t.rng.IntN(4),
		Urgency:    urgency,
		NeededBy:   now.Add(within).Truncate(time.Second),
	}
	if !t.begun { // the first request is the first line's
		t.begun = true
		o.Hospital, o.Pad, o.Component, o.BloodGroup, o.Units, o.Urgency = firstHospital, firstHospital+"-P1", "red_cells", "O+", 2, "stat"
	}
	key := fmt.Sprintf("demo-%d", now.UnixNano())
	return apiClient{t.url, t.tokens[wardOf(network.SiteID(o.Hospital))]}.call(ctx, "POST", "/requests", o, nil, "Idempotency-Key", key)
}

func (t *traffic) component() api.Component {
	p := t.rng.Float64()
	for _, x := range products {
		if p -= x.share; p < 0 {
			return x.component
		}
	}
	return products[0].component
}
