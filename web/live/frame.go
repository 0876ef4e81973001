package live

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// The binary form of the live feed, subprotocol hemolift.v1: little-endian, a
// header of 24 bytes, then columns, widest first, so that each is aligned.
//
//	0 version u8 = 1   1 kind u8   2 flags u16   4 count u32   8 sequence u64   16 base time i64, µs
//
// Flag 1 says that the rows, or the indexes of what is gone, are boxes, otherwise drones. A row's index points into
// the session's dictionary (the hello message). Hello, events and alarms carry JSON
// after the header. Ages and ETA are against the base time, which is server time.
const (
	frameVersion = 1
	headerBytes  = 24

	kindSnapshot = 1 // all rows that the connection may see
	kindDelta    = 2 // rows that changed; none of them is a heartbeat
	kindRemove   = 3 // rows that the connection may no longer see; indexes only
	kindEvent    = 4
	kindHello    = 5
	kindAlarms   = 6 // what is measured now of the alarms that the connection may see
	kindPresence = 7 // who is connected, for those who see all

	flagBoxes = 1
)

// rows is what one frame says of drones or boxes.
type rows struct {
	kind   byte
	seq    uint64
	base   time.Time
	drones []telemetry.DroneState
	boxes  []telemetry.BoxState
	gone   gone
}

// gone are devices that the connection may no longer see.
type gone struct{ drones, boxes []telemetry.DeviceID }

// dictionary gives each device of the network a small number, which it keeps while the program
// runs: newcomers get the next ones. It is replaced, never changed.
type dictionary struct {
	codes         map[telemetry.DeviceID]uint16
	drones, boxes []string // by their numbers
	of            *network.Network
}

// learned is the dictionary with the devices of a network that it did not have.
func (d *dictionary) learned(n *network.Network) *dictionary {
	if d.of == n {
		return d
	}
	next := &dictionary{
		codes: map[telemetry.DeviceID]uint16{}, drones: append([]string{}, d.drones...), boxes: append([]string{}, d.boxes...), of: n,
	}
	maps.Copy(next.codes, d.codes)
	learn := func(list []string, id telemetry.DeviceID) []string {
		if _, known := next.codes[id]; known {
			return list
		}
		next.codes[id] = uint16(len(list))
		return append(list, string(id))
	}
	for _, x := range n.Drones {
		next.drones = learn(next.drones, x.ID)
	}
	for _, x := range n.Boxes {
		next.boxes = learn(next.boxes, x.ID)
	}
	return next
}

// words is how many devices it has.
func (d *dictionary) words() int { return len(d.codes) }

func header(kind byte, flags uint16, count int, seq uint64, base time.Time) []byte {
	b := make([]byte, headerBytes, headerBytes+40*count)
	b[0], b[1] = frameVersion, kind
	binary.LittleEndian.PutUint16(b[2:], flags)
	binary.LittleEndian.PutUint32(b[4:], uint32(count))
	binary.LittleEndian.PutUint64(b[8:], seq)
	binary.LittleEndian.PutUint64(b[16:], uint64(base.UnixMicro()))
	return b
}

// encodeJSONPayload is a frame whose body is JSON: hello, events and alarms.
func encodeJSONPayload(kind byte, seq uint64, base time.Time, body any) ([]byte, error) {
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return append(header(kind, 0, 1, seq, base), payload...), nil
}

// noETA stands for a drone that has none.
const noETA = math.MinInt32

func encodeDrones(r rows, dict *dictionary) []byte {
	le := binary.LittleEndian
	b := header(r.kind, 0, len(r.drones), r.seq, r.base)
	each := func(put func(telemetry.DroneState)) {
		for _, d := range r.drones {
			put(d)
		}
	}
	each(func(d telemetry.DroneState) { b = le.AppendUint32(b, uint32(degE7(d.Position.Point.Lon()))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint32(b, uint32(degE7(d.Position.Point.Lat()))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint32(b, uint32(etaS(d, r.base))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint32(b, uint32(math.Round(d.ToGoM))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, dict.codes[d.ID]) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, ageDS(d.At, r.base)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, uint16(signed16(d.HeightM*10))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.Position.SpeedMPS*100)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.Position.TrackDeg*100)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, uint16(signed16(d.Position.ClimbMPS*100))) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.Position.BatteryPct*100)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.NeedPct*100)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.OffM)) })
	each(func(d telemetry.DroneState) { b = le.AppendUint16(b, unsigned16(d.Behind.Seconds())) })
	each(func(d telemetry.DroneState) { b = append(b, byte(int8(max(-128, min(127, d.Position.LinkDBm))))) })
	each(func(d telemetry.DroneState) { b = append(b, byte(int8(max(-128, min(127, math.Round(d.OffHeightM)))))) })
	each(func(d telemetry.DroneState) { b = append(b, byte(d.Outside)) })
	each(func(d telemetry.DroneState) { b = append(b, droneBits(d)) })
	return b
}

// outside: bit 0 aside of its path, 1 off its height, 2 behind its plan, for long enough to be an alarm.

// droneBits: bits 0-2 the phase, 3-4 the link (1 live, 2 late, 3 lost), 5 heard.
func droneBits(d telemetry.DroneState) byte {
	bits := byte(d.Status.Phase) | byte(d.Link)<<3
	if d.Located {
		bits |= 1 << 5
	}
	return bits
}

func encodeBoxes(r rows, dict *dictionary) []byte {
	le := binary.LittleEndian
	b := header(r.kind, flagBoxes, len(r.boxes), r.seq, r.base)
	each := func(put func(telemetry.BoxState)) {
		for _, x := range r.boxes {
			put(x)
		}
	}
	each(func(x telemetry.BoxState) { b = le.AppendUint32(b, uint32(x.Reading.TempMC)) })
	each(func(x telemetry.BoxState) { b = le.AppendUint32(b, uint32(x.OutOfRange.Seconds())) })
	each(func(x telemetry.BoxState) { b = le.AppendUint16(b, dict.codes[x.ID]) })
	each(func(x telemetry.BoxState) { b = le.AppendUint16(b, ageDS(x.Newest.At, r.base)) })
	each(func(x telemetry.BoxState) { b = append(b, byte(x.State)) })
	each(func(x telemetry.BoxState) { b = append(b, boxBits(x)) })
	return b
}

// boxBits: 0 watched, 1 breached, 2 fault, 3 lid open, 4 has a reading.
func boxBits(x telemetry.BoxState) byte {
	var bits byte
	for i, on := range []bool{x.Watched, x.Breached, x.Reading.Fault, x.Reading.LidOpen, x.HasReading} {
		if on {
			bits |= 1 << i
		}
	}
	return bits
}

// encodeGone are the indexes of ids, all drones or all boxes as flags say.
func encodeGone(r rows, flags uint16, ids []telemetry.DeviceID, dict *dictionary) []byte {
	b := header(kindRemove, flags, len(ids), r.seq, r.base)
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint16(b, dict.codes[id])
	}
	return b
}

func degE7(deg float64) int32 { return int32(math.Round(deg * 1e7)) }

func etaS(d telemetry.DroneState, base time.Time) int32 {
	if !d.Arrives() {
		return noETA
	}
	return int32(math.Round(d.ETA.Sub(base).Seconds()))
}

// ageDS is an age in tenths of a second; 65535 is that or more, or of a time to come.
func ageDS(at, base time.Time) uint16 {
	if at.Sub(base) > telemetry.MaxClockSkew {
		return math.MaxUint16
	}
	return unsigned16(base.Sub(at).Seconds() * 10)
}

func unsigned16(v float64) uint16 { return uint16(max(0, min(65535, math.Round(v)))) }
func signed16(v float64) int16    { return int16(max(-32768, min(32767, math.Round(v)))) }

// The JSON form, subprotocol hemolift.v1.json.
type jsonFrame struct {
	Kind   string      `json:"kind"`
	Seq    uint64      `json:"seq"`
	Now    time.Time   `json:"now"`
	Drones []jsonDrone `json:"drones,omitempty"`
	Boxes  []jsonBox   `json:"boxes,omitempty"`
	Gone   []string    `json:"gone,omitempty"`
	Hello  any         `json:"hello,omitempty"`
	Event  any         `json:"event,omitempty"`
	Alarms []jsonGauge `json:"alarms,omitempty"`
	People []Person    `json:"people,omitempty"`
}

// Person is somebody who is connected, as others see them.
type Person struct {
	Login  string         `json:"login"`
	NameZH string         `json:"name_zh"`
	NameEN string         `json:"name_en"`
	Role   network.Role   `json:"role"`
	Site   network.SiteID `json:"site"`
	// Watches says that it may take flights to watch.
	Watches bool `json:"watches"`
}

type jsonDrone struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"`
	Lon        float64   `json:"lon"`
	Lat        float64   `json:"lat"`
	HeightM    float64   `json:"height_m"`
	SpeedMPS   float64   `json:"speed_mps"`
	TrackDeg   float64   `json:"track_deg"`
	BatteryPct float64   `json:"battery_pct"`
	NeedPct    float64   `json:"need_pct"`
	OffM       float64   `json:"off_m"`
	OffHeightM float64   `json:"off_height_m"`
	BehindS    float64   `json:"behind_s"`
	Outside    int       `json:"outside"`
	Phase      string    `json:"phase"`
	Link       int       `json:"link"`
	ToGoM      float64   `json:"to_go_m"`
	ETA        time.Time `json:"eta,omitzero"`
}

type jsonBox struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	TempMC      int32     `json:"temp_mc"`
	State       string    `json:"state"`
	OutOfRangeS float64   `json:"out_of_range_s"`
	Watched     bool      `json:"watched"`
}

// jsonGauge is what is measured now of one alarm, in the units of the board's; known is
// false for the value with which it was raised.
type jsonGauge struct {
	ID    int64    `json:"id"`
	Value float64  `json:"value"`
	Known bool     `json:"known"`
	Limit float64  `json:"limit"`
	Worst float64  `json:"worst"`
	LeftS *float64 `json:"left_s,omitempty"`
}

func jsonGauges(list []delivery.Gauge) []jsonGauge {
	gauges := make([]jsonGauge, len(list))
	for i, g := range list {
		gauges[i] = jsonGauge{ID: g.Alarm, Value: g.Value, Known: g.Known, Limit: g.Limit, Worst: g.Worst}
		if left := g.Left.Seconds(); g.Left != delivery.NoLeft {
			gauges[i].LeftS = &left
		}
	}
	return gauges
}

var kindNames = map[byte]string{
	kindSnapshot: "snapshot", kindDelta: "delta", kindRemove: "remove", kindEvent: "event", kindHello: "hello",
	kindAlarms: "alarms", kindPresence: "presence",
}

func jsonRows(r rows) jsonFrame {
	f := jsonFrame{Kind: kindNames[r.kind], Seq: r.seq, Now: r.base}
	for _, d := range r.drones {
		p := d.Position
		if !d.Arrives() {
			d.ETA = time.Time{}
		}
		f.Drones = append(f.Drones, jsonDrone{
			ID: string(d.ID), At: d.At, Lon: p.Point.Lon(), Lat: p.Point.Lat(), HeightM: d.HeightM, SpeedMPS: p.SpeedMPS, TrackDeg: p.TrackDeg,
			BatteryPct: p.BatteryPct, NeedPct: d.NeedPct, OffM: d.OffM,
			OffHeightM: d.OffHeightM, BehindS: d.Behind.Seconds(), Outside: int(d.Outside),
			Phase: d.Status.Phase.String(), Link: int(d.Link), ToGoM: d.ToGoM, ETA: d.ETA,
		})
	}
	for _, x := range r.boxes {
		f.Boxes = append(
			f.Boxes,
			jsonBox{
				ID:          string(x.ID),
				At:          x.Newest.At,
				TempMC:      x.Reading.TempMC,
				State:       x.State.String(),
				OutOfRangeS: x.OutOfRange.Seconds(),
				Watched:     x.Watched,
			},
		)
	}
	for _, id := range slices.Concat(r.gone.drones, r.gone.boxes) {
		f.Gone = append(f.Gone, string(id))
	}
	return f
}
