package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/stated"
)

// Bounds of one message.
const (
	MaxBatch   = 1000
	MaxPayload = 256 << 10
)

// stamp is what every report begins with.
type stamp struct {
	Seq *whole `json:"seq"`
	T   *whole `json:"t"` // device time, ms since the Unix epoch
}

type position struct {
	stamp
	Lon         *float64 `json:"lon"`
	Lat         *float64 `json:"lat"`
	AltM        *float64 `json:"alt_m"`
	SpeedMPS    *float64 `json:"speed_mps"`
	TrackDeg    *float64 `json:"track_deg"`
	ClimbMPS    *float64 `json:"climb_mps"`
	BatteryPct  *float64 `json:"battery_pct"`
	LinkDBm     *float64 `json:"link_dbm"`
	WindMPS     *float64 `json:"wind_mps"`
	WindFromDeg *float64 `json:"wind_from_deg"`
}

type temperature struct {
	stamp
	TempMC    *milli `json:"temp_mc"`
	Temp2MC   *milli `json:"temp2_mc"`
	AmbientMC *milli `json:"ambient_mc"`
	Lid       *bool  `json:"lid"`
	Fault     *bool  `json:"fault"`
}

type status struct {
	stamp
	State   *string `json:"state"`
	Mission *string `json:"mission"`
	Leg     *milli  `json:"leg"`
}

type ack struct {
	stamp
	ID     *whole  `json:"id"`
	OK     *bool   `json:"ok"`
	Reason *string `json:"reason"`
	Hash   *string `json:"hash"`
}

// DecodePositions reads the payload of a pos topic: an object or an array of them.
func DecodePositions(device telemetry.DeviceID, payload []byte) (Batch, error) {
	return decode(device, payload, func(p position) (stamp, telemetry.Reading, error) {
		err := need(field{"lon", p.Lon == nil}, field{"lat", p.Lat == nil}, field{"alt_m", p.AltM == nil},
			field{"speed_mps", p.SpeedMPS == nil}, field{"track_deg", p.TrackDeg == nil}, field{"battery_pct", p.BatteryPct == nil})
		if err != nil {
			return p.stamp, nil, err
		}
		return p.stamp, telemetry.Position{
			Point: orb.Point{*p.Lon, *p.Lat}, AltM: *p.AltM, SpeedMPS: *p.SpeedMPS, TrackDeg: *p.TrackDeg,
			ClimbMPS: or(p.ClimbMPS, 0), BatteryPct: *p.BatteryPct, LinkDBm: or(p.LinkDBm, 0),
			WindMPS: or(p.WindMPS, -1), WindFromDeg: or(p.WindFromDeg, 0),
		}, nil
	})
}

// DecodeTemperatures reads the payload of a temp topic.
func DecodeTemperatures(device telemetry.DeviceID, payload []byte) (Batch, error) {
	return decode(device, payload, func(p temperature) (stamp, telemetry.Reading, error) {
		fault := or(p.Fault, false)
		if err := need(field{"temp_mc", p.TempMC == nil && !fault}); err != nil {
			return p.stamp, nil, err
		}
		return p.stamp, telemetry.Temperature{
			TempMC:    int32(or(p.TempMC, 0)),
			AmbientMC: int32(or(p.AmbientMC, coldchain.NoAmbientMC)),
			SecondMC:  int32(or(p.Temp2MC, 0)),
			HasSecond: p.Temp2MC != nil,
			LidOpen:   or(p.Lid, false),
			Fault:     fault,
		}, nil
	})
}

// DecodeStatuses reads the payload of a status topic.
func DecodeStatuses(device telemetry.DeviceID, payload []byte) (Batch, error) {
	return decode(device, payload, func(p status) (stamp, telemetry.Reading, error) {
		if err := need(field{"state", p.State == nil}); err != nil {
			return p.stamp, nil, err
		}
		phase, err := telemetry.ParsePhase(*p.State)
		if err != nil {
			return p.stamp, nil, fmt.Errorf("state: %w", err)
		}
		return p.stamp, telemetry.Status{Phase: phase, Mission: or(p.Mission, ""), Leg: int(or(p.Leg, 0))}, nil
	})
}

// DecodeAck reads the payload of an ack topic, which is never an array.
func DecodeAck(device telemetry.DeviceID, payload []byte) (telemetry.Ack, error) {
	var a ack
	if err := notText(payload); err != nil {
		return telemetry.Ack{}, err
	}
	if err := json.Unmarshal(payload, &a); err != nil {
		return telemetry.Ack{}, shape(err)
	}
	if err := need(field{"id", a.ID == nil}, field{"ok", a.OK == nil}, field{"t", a.T == nil}); err != nil {
		return telemetry.Ack{}, err
	}
	if len(or(a.Reason, "")) > 200 || len(or(a.Hash, "")) > 64 {
		return telemetry.Ack{}, errors.New("reason or hash: too long")
	}
	at, err := deviceTime(int64(*a.T))
	if err != nil {
		return telemetry.Ack{}, err
	}
	return telemetry.Ack{
		Command:  int64(*a.ID),
		Device:   device,
		OK:       *a.OK,
		Reason:   or(a.Reason, ""),
		Hash:     or(a.Hash, ""),
		StatedAt: at,
	}, nil
}

// Batch is what could be read of a message.
type Batch struct {
	Samples []telemetry.Sample
	Index   []int // of each sample in the message
	Refused telemetry.Refusals
	Raw     []json.RawMessage // the elements as they came, by their places
}

// decode reads one object or an array of at most MaxBatch. An element that cannot be read
// costs only itself; an error is of the message as a whole.
func decode[W any](
	device telemetry.DeviceID,
	payload []byte,
	convert func(W) (stamp, telemetry.Reading, error),
) (Batch, error) {
	items := []json.RawMessage{payload}
	if trimmed := bytes.TrimLeft(payload, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(payload, &items); err != nil {
			return Batch{}, shape(err)
		}
	} else if !json.Valid(payload) {
		return Batch{}, errors.New("not JSON")
	}
	if len(items) == 0 || len(items) > MaxBatch {
		return Batch{}, fmt.Errorf("a batch holds 1 to %d samples, not %d", MaxBatch, len(items))
	}
	b := Batch{Raw: items}
	for i, raw := range items {
		s, err := decodeOne(device, raw, convert)
		if err != nil {
			b.Refused = append(b.Refused, telemetry.RefusedError{Index: i, Err: err})
			continue
		}
		b.Samples, b.Index = append(b.Samples, s), append(b.Index, i)
	}
	return b, nil
}

func decodeOne[W any](
	device telemetry.DeviceID,
	raw []byte,
	convert func(W) (stamp, telemetry.Reading, error),
) (telemetry.Sample, error) {
	var item W
	if err := notText(raw); err != nil {
		return telemetry.Sample{}, err
	}
	if err := json.Unmarshal(raw, &item); err != nil {
		return telemetry.Sample{}, shape(err)
	}
	st, reading, err := convert(item)
	if err == nil {
		err = need(field{"seq", st.Seq == nil}, field{"t", st.T == nil})
	}
	if err == nil && *st.Seq < 0 {
		err = errors.New("seq: is negative")
	}
	if err != nil {
		return telemetry.Sample{}, err
	}
	at, err := deviceTime(int64(*st.T))
	return telemetry.Sample{Device: device, Seq: uint64(*st.Seq), At: at, Reading: reading}, err
}

// deviceTime is what a device's clock says, in ms since the Unix epoch.
func deviceTime(ms int64) (time.Time, error) {
	at := time.UnixMilli(ms).UTC()
	if err := stated.Check(at); err != nil {
		return at, fmt.Errorf("t: %w", err)
	}
	return at, nil
}

// notText refuses bytes that are no UTF-8, and NUL as such or escaped, which Postgres does
// not keep.
func notText(b []byte) error {
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 || bytes.Contains(b, []byte(`\u0000`)) {
		return errors.New("holds a NUL character or bytes that are no UTF-8")
	}
	return nil
}

// shape makes encoding/json's errors short and name the field.
func shape(err error) error {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		return fmt.Errorf("%s: is a %s, which does not fit", typ.Field, typ.Value)
	}
	return fmt.Errorf("not JSON: %w", err)
}

type field struct {
	name    string
	missing bool
}

func need(fields ...field) error {
	for _, f := range fields {
		if f.missing {
			return fmt.Errorf("%s: is missing", f.name)
		}
	}
	return nil
}

func or[T any](p *T, missing T) T {
	if p == nil {
		return missing
	}
	return *p
}

// whole is an integer however JSON writes it: 4200, 4200.0 and 4.2e3 are the same.
type whole int64

// UnmarshalJSON refuses what is none.
func (w *whole) UnmarshalJSON(raw []byte) error {
	x, err := integer(raw, math.MaxInt64)
	*w = whole(x)
	return err
}

// milli is a whole of 32 bits.
type milli int32

// UnmarshalJSON refuses what is none.
func (m *milli) UnmarshalJSON(raw []byte) error {
	x, err := integer(raw, math.MaxInt32)
	*m = milli(x)
	return err
}

// exact is how great a number may be that floating point still tells from its neighbours.
const exact = 1 << 53

func integer(raw []byte, most int64) (int64, error) {
	x, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		f, isNumber := strconv.ParseFloat(string(raw), 64)
		if isNumber != nil || f != math.Trunc(f) || !(math.Abs(f) <= exact) {
			return 0, unfit(raw, isNumber)
		}
		x = int64(f)
	}
	if x > most || x < -most {
		return 0, unfit(raw, nil)
	}
	return x, nil
}

// unfit is the error of encoding/json, which puts the field's name to it.
func unfit(raw []byte, notNumber error) error {
	what := "number " + string(raw[:min(len(raw), 30)])
	if notNumber != nil && len(raw) > 0 && raw[0] == '"' {
		what = "string"
	}
	return &json.UnmarshalTypeError{Value: what, Type: reflect.TypeFor[int64]()}
}
