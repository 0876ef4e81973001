package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	Seq *uint64 `json:"seq"`
	T   *int64  `json:"t"` // device time, ms since the Unix epoch
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
	TempMC    *int32 `json:"temp_mc"`
	Temp2MC   *int32 `json:"temp2_mc"`
	AmbientMC *int32 `json:"ambient_mc"`
	Lid       *bool  `json:"lid"`
	Fault     *bool  `json:"fault"`
}

type status struct {
	stamp
	State   *string `json:"state"`
	Mission *string `json:"mission"`
	Leg     *int    `json:"leg"`
}

type ack struct {
	stamp
	ID     *int64  `json:"id"`
	OK     *bool   `json:"ok"`
	Reason *string `json:"reason"`
	Hash   *string `json:"hash"`
}

// DecodePositions reads the payload of a pos topic: an object or an array of them.
func DecodePositions(device telemetry.DeviceID, payload []byte) ([]telemetry.Sample, error) {
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
func DecodeTemperatures(device telemetry.DeviceID, payload []byte) ([]telemetry.Sample, error) {
	return decode(device, payload, func(p temperature) (stamp, telemetry.Reading, error) {
		fault := or(p.Fault, false)
		if err := need(field{"temp_mc", p.TempMC == nil && !fault}); err != nil {
			return p.stamp, nil, err
		}
		return p.stamp, telemetry.Temperature{
			TempMC:    or(p.TempMC, 0),
			AmbientMC: or(p.AmbientMC, coldchain.NoAmbientMC),
			SecondMC:  or(p.Temp2MC, 0),
			HasSecond: p.Temp2MC != nil,
			LidOpen:   or(p.Lid, false),
			Fault:     fault,
		}, nil
	})
}

// DecodeStatuses reads the payload of a status topic.
func DecodeStatuses(device telemetry.DeviceID, payload []byte) ([]telemetry.Sample, error) {
	return decode(device, payload, func(p status) (stamp, telemetry.Reading, error) {
		if err := need(field{"state", p.State == nil}); err != nil {
			return p.stamp, nil, err
		}
		phase, err := telemetry.ParsePhase(*p.State)
		if err != nil {
			return p.stamp, nil, fmt.Errorf("state: %w", err)
		}
		return p.stamp, telemetry.Status{Phase: phase, Mission: or(p.Mission, ""), Leg: or(p.Leg, 0)}, nil
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
	at, err := deviceTime(*a.T)
	if err != nil {
		return telemetry.Ack{}, err
	}
	return telemetry.Ack{
		Command:  *a.ID,
		Device:   device,
		OK:       *a.OK,
		Reason:   or(a.Reason, ""),
		Hash:     or(a.Hash, ""),
		StatedAt: at,
	}, nil
}

// decode reads one object or an array of at most MaxBatch. An error names the
// element and the field; nothing of a faulty batch is returned.
func decode[W any](
	device telemetry.DeviceID,
	payload []byte,
	convert func(W) (stamp, telemetry.Reading, error),
) ([]telemetry.Sample, error) {
	var items []W
	if err := notText(payload); err != nil {
		return nil, err
	}
	if trimmed := bytes.TrimLeft(payload, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(payload, &items); err != nil {
			return nil, shape(err)
		}
	} else {
		items = make([]W, 1)
		if err := json.Unmarshal(payload, &items[0]); err != nil {
			return nil, shape(err)
		}
	}
	if len(items) == 0 || len(items) > MaxBatch {
		return nil, fmt.Errorf("a batch holds 1 to %d samples, not %d", MaxBatch, len(items))
	}
	samples := make([]telemetry.Sample, len(items))
	for i, item := range items {
		st, reading, err := convert(item)
		if err == nil {
			err = need(field{"seq", st.Seq == nil}, field{"t", st.T == nil})
		}
		var at time.Time
		if err == nil {
			at, err = deviceTime(*st.T)
		}
		if err != nil {
			return nil, &telemetry.RefusedError{Index: i, Err: err}
		}
		samples[i] = telemetry.Sample{Device: device, Seq: *st.Seq, At: at, Reading: reading}
	}
	return samples, nil
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
