package coldchain

import (
	"testing"
	"time"
)

// feed folds readings 15 s apart and returns the faults that began.
func feed(m *Monitor, from time.Time, n int, read func(i int, r *Reading)) (faults []SensorFault) {
	for i := range n {
		r := Reading{At: from.Add(time.Duration(i) * 15 * time.Second), TempMC: 5000 + int32(i%3), AmbientMC: 20_000}
		r.ReceivedAt = r.At
		if read != nil {
			read(i, &r)
		}
		for _, f := range m.Fold(r) {
			faults = append(faults, f.Fault)
		}
	}
	return faults
}

func TestSensorFaultsAreToldOnceByTheirRule(t *testing.T) {
	tests := []struct {
		name string
		read func(i int, r *Reading)
		want []SensorFault
	}{
		{"nothing", nil, nil},
		{"gap", func(i int, r *Reading) {
			if i >= 50 {
				r.At = r.At.Add(10 * time.Minute)
				r.ReceivedAt = r.At
			}
		}, []SensorFault{Gap}},
		{"no probe", func(i int, r *Reading) {
			if i >= 50 {
				r.TempMC = codeLostMC
			}
		}, []SensorFault{OutOfSpan}},
		{"power-up code", func(i int, r *Reading) {
			if i == 50 {
				r.TempMC = codePowerUpMC
			}
		}, []SensorFault{OutOfSpan}},
		{"spike", func(i int, r *Reading) {
			if i == 50 {
				r.TempMC += 2500
			}
		}, []SensorFault{Jump, Spike}},
		{"jump", func(i int, r *Reading) {
			if i >= 50 {
				r.TempMC += 2500
			}
		}, []SensorFault{Jump}},
		{"jump with the lid open", func(i int, r *Reading) {
			if i >= 50 {
				r.TempMC += 2500
				r.LidOpen = true
			}
		}, nil},
		{"flat on a plateau", func(_ int, r *Reading) { r.TempMC = 5000 }, nil},
		{"stuck while the air moved", func(i int, r *Reading) { r.TempMC, r.AmbientMC = 5000, 20_000+int32(i)*50 }, []SensorFault{Stuck}},
		{"stuck while the other probe moved", func(i int, r *Reading) {
			r.TempMC, r.SecondMC, r.HasSecond = 5000, 5000+int32(i)*7, true
		}, []SensorFault{Stuck}},
		{"probes apart for long", func(i int, r *Reading) { r.SecondMC, r.HasSecond = r.TempMC+1200, i > 20 }, []SensorFault{Disagree}},
		{"probes apart for a moment", func(i int, r *Reading) { r.SecondMC, r.HasSecond = r.TempMC+1200, i > 20 && i < 30 }, nil},
		{"clock ahead", func(_ int, r *Reading) { r.ReceivedAt = r.At.Add(-3 * time.Second) }, []SensorFault{ClockDrift}},
	}
	for _, tt := range tests {
		got := feed(NewMonitor(redCells(t)), t0, 100, tt.read)
		if len(got) != len(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
		}
	}
}

// Two probes are judged by the worse on each side, and what is no temperature by none.
func TestTheWorseProbeJudges(t *testing.T) {
	m := NewMonitor(redCells(t))
	feed(m, t0, 41, func(i int, r *Reading) {
		r.TempMC, r.SecondMC, r.HasSecond = 6000, 6000, true
		if i >= 10 && i < 20 {
			r.SecondMC = 11_000
		}
		if i >= 30 {
			r.SecondMC = 1500
		}
	})
	r := m.Trace().Report()
	if len(r.Events) != 2 || r.Events[0].Side != High || r.Events[0].ExtremeC != 11 || r.Events[1].Side != Low || r.Events[1].ExtremeC != 1.5 {
		t.Errorf("got %+v", r.Events)
	}
	if s := m.Judge(t0.Add(10 * time.Minute)); s.State != Excursion {
		t.Errorf("the colder probe is below: got %v", s.State)
	}
	m = NewMonitor(redCells(t))
	feed(m, t0, 41, func(i int, r *Reading) {
		if i > 20 {
			r.TempMC = codeLostMC
		}
	})
	if s := m.Judge(t0.Add(10 * time.Minute)); s.State != Unknown || s.Breached || s.OutOfRange != 0 {
		t.Errorf("a lost probe is no frost: got %+v", s)
	}
}

// A warming box is near its limit by forecast before it is so by its temperature, and
// that before it is outside.
func TestAWarmingBoxIsNearItsLimitBeforeItIsOutside(t *testing.T) {
	box := Box{Model: Newton1, OuterWPerK: 0.9, PayloadJPerK: 9000}
	truth := box
	truth.OuterWPerK = 1.1
	m := NewForecastingMonitor(redCells(t), box, DefaultDoubt())
	h := truth.Start(4, 0)
	first := map[State]time.Duration{}
	var at float64
	var guard bool
	for i := 0; i < 400 && first[Excursion] == 0; i++ {
		now := t0.Add(time.Duration(i) * 15 * time.Second)
		at = h.PayloadC
		m.Fold(Reading{At: now, TempMC: int32(1000 * h.PayloadC), AmbientMC: 30_000})
		s := m.Judge(now)
		if _, seen := first[s.State]; !seen && i > 0 {
			first[s.State] = now.Sub(t0)
			if s.State == NearLimit {
				guard = at <= 9.5
			}
		}
		h = truth.Step(h, 15, 30)
	}
	if !guard || first[NearLimit] == 0 || first[Excursion]-first[NearLimit] < 10*time.Minute || first[InRange] == 0 {
		t.Errorf("near limit after %v, outside after %v", first[NearLimit], first[Excursion])
	}
}

func BenchmarkSampleJudgedWhole(b *testing.B) {
	set, err := Profiles()
	if err != nil {
		b.Fatal(err)
	}
	p := set["hemolift-rbc-2-10"]
	for _, box := range []Box{
		{Model: Newton1, OuterWPerK: 0.3, PayloadJPerK: 9000},
		{Model: Nodes2, OuterWPerK: 0.35, PayloadJPerK: 1900, InnerWPerK: 1.2, WallJPerK: 900},
		{Model: PCM1, OuterWPerK: 0.3, MeltC: 5, LatentJ: 200e3, SolidJPerK: 4000, LiquidJPerK: 5000},
		{Model: PCM2, OuterWPerK: 0.3, PayloadJPerK: 9000, InnerWPerK: 6, MeltC: 5, LatentJ: 200e3, SolidJPerK: 9000, LiquidJPerK: 9000},
	} {
		b.Run(string(box.Model), func(b *testing.B) {
			b.ReportAllocs()
			m := NewForecastingMonitor(p, box, DefaultDoubt())
			air := []Stretch{{S: 600, C: 27}, {C: 30}}
			var life [2000]int32 // of its payload
			h := box.Start(4, 0.05)
			for i := range life {
				life[i] = int32(1000 * h.PayloadC)
				h = box.Step(h, 15, 27)
			}
			i := 0
			for b.Loop() {
				now := t0.Add(time.Duration(i) * 15 * time.Second)
				m.Expect(now.Add(10*time.Minute), air...)
				m.Fold(Reading{At: now, ReceivedAt: now, TempMC: life[i] + int32(i*7919%90), SecondMC: life[i], HasSecond: true, AmbientMC: 27_000})
				m.Judge(now)
				if i++; i == len(life) {
					i, m = 0, NewForecastingMonitor(p, box, DefaultDoubt())
				}
			}
		})
	}
}

// BenchmarkExcursionsOf10000Boxes judges 24 h of readings, one every 15 s, of 10,000
// boxes that come and go about their limits.
func BenchmarkExcursionsOf10000Boxes(b *testing.B) {
	p := redCells(b)
	for b.Loop() {
		events := 0
		for box := range 10_000 {
			t := NewTrace(p.Rule())
			x := uint32(box)*2654435761 + 1
			c := 6.0
			for i := range 24 * 240 {
				x ^= x << 13
				x ^= x >> 17
				x ^= x << 5
				c += (float64(x)/(1<<32) - 0.5 - (c-6)*0.02) * 0.8
				if err := t.Add(t0.Add(time.Duration(i)*15*time.Second), uint64(i), c, c); err != nil {
					b.Fatal(err)
				}
			}
			events += len(t.Report().Events)
		}
		b.ReportMetric(float64(events), "events")
	}
}

// A payload that runs away from the model is forecast by its slope, to either limit.
func TestAPayloadThatRunsAwayIsNearItsLimitEarly(t *testing.T) {
	box := Box{Model: PCM2, OuterWPerK: 0.3, PayloadJPerK: 9000, InnerWPerK: 6, MeltC: 5, LatentJ: 200e3, SolidJPerK: 9000, LiquidJPerK: 9000}
	for name, perMin := range map[string]float64{"warming": 0.5, "freezing": -0.3} {
		m := NewForecastingMonitor(redCells(t), box, DefaultDoubt())
		for i := range 120 { // half an hour of rest, then it runs
			c := 5 + perMin*max(0, float64(i)/4-15)
			now := t0.Add(time.Duration(i) * 15 * time.Second)
			m.Fold(Reading{At: now, TempMC: int32(1000 * c), AmbientMC: 22_000})
			s := m.Judge(now)
			if s.State == Excursion {
				t.Errorf("%s: outside before it was near", name)
				break
			}
			if s.State == NearLimit {
				if c > 8.5 || c < 2.6 || !s.Outlook.Basis.Runaway {
					t.Errorf("%s: near only at %.2f °C, %+v", name, c, s.Outlook)
				}
				break
			}
		}
	}
}

func TestASensorInDoubtIsUnknown(t *testing.T) {
	m := NewMonitor(redCells(t))
	feed(m, t0, 100, func(i int, r *Reading) { r.TempMC, r.AmbientMC = 5000, 20_000+int32(i)*50 })
	if s := m.Judge(t0.Add(99 * 15 * time.Second)); s.State != Unknown {
		t.Errorf("stuck: got %v", s.State)
	}
	m = NewMonitor(redCells(t))
	if got := feed(m, t0, 100, func(i int, r *Reading) {
		r.TempMC = 5000
		if i == 50 {
			r.AmbientMC = NoAmbientMC
		}
	}); len(got) > 0 || m.Judge(t0.Add(99*15*time.Second)).State != InRange {
		t.Errorf("one missing ambient value: %v", got)
	}
	m = NewMonitor(redCells(t))
	m.Since(t0.Add(time.Hour))
	feed(m, t0, 100, func(_ int, r *Reading) { r.TempMC = 20_000 })
	if s := m.Judge(t0.Add(time.Hour)); s.HasReading || s.OutOfRange != 0 {
		t.Errorf("before packing: got %+v", s)
	}
}
