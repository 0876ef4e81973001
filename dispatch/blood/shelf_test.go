package blood_test

import (
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/refusal"
)

// Every move from every status: what is not listed is refused, and leaves the unit as it is.
func TestWhatMovesAUnit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	become := map[blood.Move]map[blood.UnitStatus]blood.UnitStatus{
		blood.Quarantine: {blood.InStock: blood.Quarantined},
		blood.Release:    {blood.Quarantined: blood.InStock},
		blood.Discard:    {blood.InStock: blood.Discarded, blood.InTransit: blood.Discarded, blood.Quarantined: blood.Discarded},
		blood.Return:     {blood.Received: blood.Quarantined, blood.Quarantined: blood.Quarantined},
		blood.Send:       {blood.InStock: blood.InTransit},
		blood.Arrive:     {blood.InTransit: blood.InStock},
	}
	for _, m := range blood.Moves() {
		for _, from := range []blood.UnitStatus{
			blood.InStock, blood.InTransit, blood.Reserved, blood.Issued, blood.Received, blood.Quarantined, blood.Discarded,
		} {
			u := blood.Unit{Key: blood.UnitKey{DIN: "A999926123456"}, ExpiresAt: now.Add(time.Hour), Site: "SYBC", Status: from}
			got, err := u.Moved(m, "SYN2", blood.Past{}, now)
			want, may := become[m][from]
			if !may {
				if state := (refusal.State{}); !errors.As(err, &state) || got != u {
					t.Errorf("%s from %s: %v, %+v", m, from, err, got)
				}
				continue
			}
			u.Status = want
			if m == blood.Send || m == blood.Return {
				u.Site = "SYN2"
			}
			if err != nil || got != u {
				t.Errorf("%s from %s: %v, %+v, want %+v", m, from, err, got, u)
			}
		}
	}
}

func TestWhatIsNotReleased(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		past    blood.Past
		expires time.Time
	}{
		"went out":   {blood.Past{Bound: "D-1122-0001"}, now.Add(time.Hour)},
		"made unfit": {blood.Past{Grave: "D-1122-0001"}, now.Add(time.Hour)},
		"expired":    {blood.Past{}, now},
	} {
		u := blood.Unit{Status: blood.Quarantined, ExpiresAt: x.expires}
		if got, err := u.Moved(blood.Release, "", x.past, now); err == nil || got.Status != blood.Quarantined {
			t.Errorf("%s: released", name)
		}
		if got, err := u.Moved(blood.Discard, "", x.past, now); err != nil || got.Status != blood.Discarded {
			t.Errorf("%s: not discarded: %v", name, err)
		}
	}
}

func TestDaysOfCover(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		stock, used int
		in          time.Duration
		days        float64
		known       bool
	}{
		{10, 20, 48 * time.Hour, 1, true},
		{0, 5, 24 * time.Hour, 0, true},
		{10, 0, blood.UsedFor, 0, false},
		{10, 5, 0, 0, false},
	} {
		s := blood.Shelf{InStock: x.stock, Used: x.used}
		if days, known := s.DaysOfCover(x.in); days != x.days || known != x.known {
			t.Errorf("%+v: %g, %v", x, days, known)
		}
	}
}
