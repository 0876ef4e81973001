package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
	"hemolift/telemetry/gateway"
	"hemolift/telemetry/telemetrydb"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// boxes are the devices of these tests: whoever knows the word is the box that it says it is.
type boxes struct{}

func (boxes) Authenticate(_ context.Context, _ telemetry.DeviceID, secret string) (telemetry.DeviceKind, bool, error) {
	return telemetry.BoxKind, secret == "word", nil
}

func (boxes) Acknowledge(context.Context, telemetry.Ack) error { return nil }

// opened is a device door before a real record.
func opened(t testing.TB) (*gateway.MQTT, *pgxpool.Pool) {
	t.Helper()
	pool, log := pgtest.New(t), slog.New(slog.NewTextHandler(io.Discard, nil))
	tracker := telemetry.NewTracker(telemetry.DefaultLimits(), 0)
	recorder := telemetry.NewRecorder(telemetrydb.New(pool))
	intake := telemetry.NewIntake(tracker, recorder, time.Now)
	door, err := gateway.NewMQTT(gateway.Door{
		Addr: "127.0.0.1:0", Intake: intake, Known: boxes{}, Now: time.Now, Rate: 1, Quota: 1000,
		Letters: telemetry.NewDeadLetters(telemetrydb.New(pool), log), Log: log, Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}, 3)
	for _, run := range []func(context.Context) error{
		recorder.Run,
		func(ctx context.Context) error { return intake.Run(ctx, func(context.Context, []telemetry.Event) {}) },
		func(ctx context.Context) error { return door.Run(ctx, boxes{}) },
	} {
		go func() {
			_ = run(ctx)
			ended <- struct{}{}
		}()
	}
	t.Cleanup(func() {
		cancel()
		for range 3 {
			<-ended
		}
	})
	return door, pool
}

// line is a device's connection: it sends without waiting, and reads what is acknowledged.
type line struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func connect(t testing.TB, door *gateway.MQTT, id string, version byte) line {
	t.Helper()
	conn, err := net.Dial("tcp", door.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	l := line{t, conn, bufio.NewReader(conn)}
	l.sends(packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Connect}, ProtocolVersion: version,
		Connect: packets.ConnectParams{
			ProtocolName: []byte("MQTT"), Clean: true, Keepalive: 60, ClientIdentifier: id, UsernameFlag: true, PasswordFlag: true,
			Username: []byte(id), Password: []byte("word"),
		},
	}, (*packets.Packet).ConnectEncode)
	if typ, _ := l.reads(); typ != packets.Connack {
		t.Fatalf("got packet %d, want a CONNACK", typ)
	}
	return l
}

func (l line) sends(pk packets.Packet, encode func(*packets.Packet, *bytes.Buffer) error) {
	l.t.Helper()
	var b bytes.Buffer
	if err := encode(&pk, &b); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.conn.Write(b.Bytes()); err != nil {
		l.t.Fatal(err)
	}
}

// publishes sends a reading of the box.
func (l line) publishes(id string, version, qos byte, packet uint16, payload string) {
	l.t.Helper()
	l.sends(packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos}, ProtocolVersion: version, TopicName: "hl/v1/" + id + "/temp",
		PacketID: packet, Payload: []byte(payload),
	}, (*packets.Packet).PublishEncode)
}

// reads returns the next packet's type, and its number if it has one.
func (l line) reads() (typ byte, packet uint16) {
	l.t.Helper()
	head, err := l.in.ReadByte()
	if err != nil {
		l.t.Fatalf("the line is cut: %v", err)
	}
	n, err := binary.ReadUvarint(l.in)
	if err != nil {
		l.t.Fatal(err)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(l.in, body); err != nil {
		l.t.Fatal(err)
	}
	if len(body) >= 2 {
		packet = binary.BigEndian.Uint16(body)
	}
	return head >> 4, packet
}

func reading(seq int) string {
	return fmt.Sprintf(`{"seq":%d,"t":%d,"temp_mc":4000,"ambient_mc":20000}`, seq, time.Now().UnixMilli())
}

// While the record holds one message up, a connection's next ones are read; they are acknowledged
// when they are committed, not before, in the order in which they came, with one among them that can
// never be stored.
func TestALineIsNotHeldUpByOneCommit(t *testing.T) {
	for _, tt := range []struct{ version, qos, acked byte }{{4, 1, packets.Puback}, {5, 1, packets.Puback}, {4, 2, packets.Pubrec}, {5, 2, packets.Pubrec}} {
		t.Run(fmt.Sprintf("version %d, quality %d", tt.version, tt.qos), func(t *testing.T) {
			door, pool := opened(t)
			l := connect(t, door, "BX-1", tt.version)
			l.publishes("BX-1", tt.version, tt.qos, 1, reading(1)) // the day's partition is there then
			if typ, packet := l.reads(); typ != tt.acked || packet != 1 {
				t.Fatalf("got packet %d of %d", typ, packet)
			}
			if tt.qos == 2 {
				l.sends(packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pubrel, Qos: 1}, ProtocolVersion: tt.version, PacketID: 1},
					(*packets.Packet).PubrelEncode)
				if typ, packet := l.reads(); typ != packets.Pubcomp || packet != 1 {
					t.Fatalf("got packet %d of %d, want a PUBCOMP", typ, packet)
				}
			}
			held, err := pgtest.Owner(t, pool).Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = held.Rollback(context.Background()) }()
			if _, err := held.Exec(t.Context(), `LOCK TABLE temperature_sample IN EXCLUSIVE MODE`); err != nil {
				t.Fatal(err)
			}
			const last = 40
			for i := uint16(2); i <= last; i++ {
				payload := reading(int(i))
				if i == 20 {
					payload = `{"seq":20}`
				}
				l.publishes("BX-1", tt.version, tt.qos, i, payload)
			}
			l.sends(packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}}, (*packets.Packet).PingreqEncode)
			if typ, packet := l.reads(); typ != packets.Pingresp {
				t.Fatalf("packet %d of %d came before the answer to a ping: nothing is committed", typ, packet)
			}
			if err := held.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			var acked []uint16
			for len(acked) < last-1 {
				if typ, packet := l.reads(); typ == tt.acked {
					acked = append(acked, packet)
				}
			}
			if !slices.IsSorted(acked) || acked[0] != 2 {
				t.Errorf("acknowledged: %v", acked)
			}
			var n int
			if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM temperature_sample`).Scan(&n); err != nil || n != last-1 {
				t.Errorf("%d are stored, %v; want %d", n, err, last-1)
			}
		})
	}
}

// BenchmarkOneLine sends readings one after the other over one connection, each a message of its
// own, and counts those that are stored in a second.
func BenchmarkOneLine(b *testing.B) {
	door, _ := opened(b)
	l := connect(b, door, "BX-1", 4)
	go func() {
		for i := range b.N {
			l.publishes("BX-1", 4, 1, uint16(i%60000)+1, reading(i))
		}
	}()
	b.ResetTimer()
	for range b.N {
		l.reads()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
