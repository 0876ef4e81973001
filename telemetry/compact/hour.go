package compact

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"hemolift/telemetry"
)

// ErrDamaged means that bytes are not what Pack gives.
var ErrDamaged = errors.New("these compact samples are damaged")

// mostBytes bounds what is taken from one piece: two million samples.
const mostBytes = 256 << 20

var (
	key       = []string{"device_id", "at", "seq", "received_at"}
	positions = slices.Concat(key, []string{
		"lon", "lat", "alt_m", "speed_mps", "track_deg", "climb_mps", "battery_pct", "link_dbm", "wind_mps", "wind_from_deg",
	})
	temperatures = slices.Concat(key, []string{"temp_mc", "ambient_mc", "lid_open", "fault", "temp2_mc"})
)

// Pack writes samples of one kind, all positions or all temperatures.
func Pack(samples []telemetry.Sample) ([]byte, error) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	columns := temperatures
	if len(samples) > 0 {
		if _, is := samples[0].Reading.(telemetry.Position); is {
			columns = positions
		}
	}
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	for _, x := range samples {
		row := rowOf(x)
		if len(row) != len(columns) {
			return nil, fmt.Errorf("a %T among others", x.Reading)
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if w.Flush(); text.Len() > mostBytes {
		return nil, fmt.Errorf("%d bytes of samples, want %d at most", text.Len(), mostBytes)
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return nil, err
	}
	return z.EncodeAll(text.Bytes(), nil), z.Close()
}

func rowOf(x telemetry.Sample) []string {
	moment := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	small := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 32) } // as the tables have it
	row := []string{string(x.Device), moment(x.At), strconv.FormatUint(x.Seq, 10), moment(x.ReceivedAt)}
	switch r := x.Reading.(type) {
	case telemetry.Position:
		for _, v := range r.Point {
			row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
		}
		return append(row, small(r.AltM), small(r.SpeedMPS), small(r.TrackDeg), small(r.ClimbMPS), small(r.BatteryPct), small(r.LinkDBm),
			small(r.WindMPS), small(r.WindFromDeg))
	case telemetry.Temperature:
		second := ""
		if r.HasSecond {
			second = strconv.FormatInt(int64(r.SecondMC), 10)
		}
		return append(row, strconv.FormatInt(int64(r.TempMC), 10), strconv.FormatInt(int64(r.AmbientMC), 10),
			strconv.FormatBool(r.LidOpen), strconv.FormatBool(r.Fault), second)
	}
	return row
}

// Unpack reads what Pack wrote. The error wraps ErrDamaged.
func Unpack(b []byte) ([]telemetry.Sample, error) {
	z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer z.Close()
	r := csv.NewReader(io.LimitReader(z, mostBytes))
	r.ReuseRecord = true
	head, err := r.Read()
	read := readTemperature
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case slices.Equal(head, positions):
		read = readPosition
	case !slices.Equal(head, temperatures):
		return nil, fmt.Errorf("%w: columns %q", ErrDamaged, head)
	}
	var samples []telemetry.Sample
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return samples, nil
		}
		var f fields
		if err == nil {
			f = fields{row: row}
			x := telemetry.Sample{Device: telemetry.DeviceID(f.next()), At: f.moment(), Seq: f.seq(), ReceivedAt: f.moment()}
			x.Reading = read(&f)
			samples = append(samples, x)
		}
		if err = errors.Join(err, f.err); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
}

func readPosition(f *fields) telemetry.Reading {
	var p telemetry.Position
	p.Point[0], p.Point[1] = f.number(64), f.number(64)
	for _, v := range []*float64{&p.AltM, &p.SpeedMPS, &p.TrackDeg, &p.ClimbMPS, &p.BatteryPct, &p.LinkDBm, &p.WindMPS, &p.WindFromDeg} {
		*v = f.number(32)
	}
	return p
}

func readTemperature(f *fields) telemetry.Reading {
	t := telemetry.Temperature{TempMC: f.whole(), AmbientMC: f.whole(), LidOpen: f.yes(), Fault: f.yes()}
	if t.HasSecond = f.row[0] != ""; t.HasSecond {
		t.SecondMC = f.whole()
	}
	return t
}

// fields are a row, read one by one; the first that cannot be read is the error.
type fields struct {
	row []string
	err error
}

func (f *fields) next() string {
	s := f.row[0]
	f.row = f.row[1:]
	return s
}

// note keeps the first error.
func note[T any](f *fields, v T, err error) T {
	if f.err == nil {
		f.err = err
	}
	return v
}

func (f *fields) moment() time.Time {
	t, err := time.Parse(time.RFC3339Nano, f.next())
	return note(f, t.UTC(), err)
}

func (f *fields) seq() uint64 {
	v, err := strconv.ParseUint(f.next(), 10, 63)
	return note(f, v, err)
}

func (f *fields) number(bits int) float64 {
	v, err := strconv.ParseFloat(f.next(), bits)
	return note(f, v, err)
}

func (f *fields) whole() int32 {
	v, err := strconv.ParseInt(f.next(), 10, 32)
	return note(f, int32(v), err)
}

func (f *fields) yes() bool {
	v, err := strconv.ParseBool(f.next())
	return note(f, v, err)
}
