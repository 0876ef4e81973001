package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hemolift/web/api"
)

// connects is a device's connection with a secret; the error is the door's.
func connects(p *process, id, secret string, lost func()) (mqtt.Client, error) {
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(id).SetUsername(id).SetPassword(secret).
		SetAutoReconnect(false).SetConnectionLostHandler(func(mqtt.Client, error) { lost() }))
	tok := c.Connect()
	tok.Wait()
	return c, tok.Error()
}

// secretOf renews a device's secret.
func secretOf(t *testing.T, p *process, id string) string {
	t.Helper()
	var s api.Secret
	if err := p.as("admin").call(context.Background(), "POST", "/devices/"+id+"/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	return s.Secret
}

// A device that sends at full speed is cut, with an alarm; what was acknowledged is stored,
// others are served, and it comes back.
func TestADeviceOverItsQuota(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0", "-speed", "1", "-device-quota", "0.05")
	secret, lost := secretOf(t, p, "BX-001"), make(chan struct{})
	c, err := connects(p, "BX-001", secret, func() { close(lost) })
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	batch := func(k int) string {
		rows := make([]string, 1000)
		for i := range rows {
			n := k*1000 + i
			rows[i] = fmt.Sprintf(`{"seq":%d,"t":%d,"temp_mc":4000}`, n+1, begun.Add(-time.Hour).UnixMilli()+int64(n))
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	acked := 0
	for c.IsConnected() && acked < 100 {
		tok := c.Publish("hl/v1/BX-001/temp", 1, false, batch(acked))
		select {
		case <-tok.Done():
			if tok.Error() == nil {
				acked++
			}
		case <-lost:
		case <-time.After(time.Minute):
			t.Fatal("neither acknowledged nor cut")
		}
	}
	if acked == 0 || acked == 100 {
		t.Errorf("%d batches were acknowledged, and the device is connected: %v", acked, c.IsConnected())
	}
	eventually(t, time.Minute, "an alarm tells of it", func() bool {
		for _, a := range alarmsOf(t, p) {
			if a.Kind == "over_quota" && a.Device == "BX-001" && a.ClearedAt == nil {
				return true
			}
		}
		return false
	})
	warmBox(t, p, "BX-002")
	eventually(t, time.Minute, "it comes back, and is heard", func() bool {
		back, err := connects(p, "BX-001", secret, func() {})
		if err != nil {
			return false
		}
		defer back.Disconnect(0)
		tok := back.Publish("hl/v1/BX-001/temp", 1, false, fmt.Sprintf(`{"seq":999999,"t":%d,"temp_mc":4000}`, begun.UnixMilli()))
		return tok.WaitTimeout(5*time.Second) && tok.Error() == nil
	})
}

// The answers to guesses of a device's secret wait for longer and longer; the device itself
// gets in at once, from the same address too.
func TestGuessesOfADevicesSecret(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	secret := secretOf(t, p, "BX-001")
	begun := time.Now()
	for range 5 {
		if _, err := connects(p, "BX-001", "guess", func() {}); err == nil {
			t.Fatal("a guess opened the door")
		}
	}
	if took := time.Since(begun); took < 3*time.Second { // 0, 0, 0, 1 and 2 s
		t.Errorf("five guesses took %v", took)
	}
	c, err := connects(p, "BX-001", secret, func() {})
	if err != nil {
		t.Fatalf("the device itself: %v", err)
	}
	c.Disconnect(0)
	for _, asked := range []byte{0, 0xff} { // none, and 18 hours
		if granted := keepAlive(t, p, "BX-002", secretOf(t, p, "BX-002"), asked); granted != 300 {
			t.Errorf("asked for %d: %d s are granted", asked, granted)
		}
	}
	refused := false
	for range 40 { // one that connects all the time
		c, err := connects(p, "BX-001", secret, func() {})
		if refused = err != nil; refused {
			break
		}
		c.Disconnect(0)
	}
	if !refused {
		t.Error("a device connected 40 times in a row")
	}
}

// keepAlive is what the door grants a device of MQTT 5 that asks for a keep-alive, by both of
// its bytes; 0 when it says nothing.
func keepAlive(t *testing.T, p *process, id, secret string, asked byte) int {
	t.Helper()
	conn, err := net.Dial("tcp", p.mqtt)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	text := func(s string) []byte { return append([]byte{byte(len(s) >> 8), byte(len(s))}, s...) }
	connect := slices.Concat(text("MQTT"), []byte{5, 0xc2, asked, asked, 0}, text(id), text(id), text(secret))
	if _, err := conn.Write(append([]byte{0x10, byte(len(connect))}, connect...)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(conn, head); err != nil {
		t.Fatal(err)
	}
	ack := make([]byte, head[1])
	if _, err := io.ReadFull(conn, ack); err != nil || head[0] != 0x20 || ack[1] != 0 {
		t.Fatalf("%x %x, %v", head, ack, err)
	}
	const serverKeepAlive = 0x13
	if at := bytes.IndexByte(ack[3:], serverKeepAlive); at >= 0 {
		return int(ack[3+at+1])<<8 | int(ack[3+at+2])
	}
	return 0
}

func alarmsOf(t *testing.T, p *process) []api.Alarm {
	t.Helper()
	var b api.Board
	if err := p.as("admin").call(context.Background(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	return b.Alarms
}

// floods sends packets on a connection of a device until the server ends it.
func floods(t *testing.T, p *process, id, secret string, packet []byte) (sent int) {
	t.Helper()
	conn, err := net.Dial("tcp", p.mqtt)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text := func(s string) []byte { return append([]byte{byte(len(s) >> 8), byte(len(s))}, s...) }
	connect := slices.Concat(text("MQTT"), []byte{4, 0xc2, 0, 60}, text(id), text(id), text(secret))
	if _, err := conn.Write(append([]byte{0x10, byte(len(connect))}, connect...)); err != nil {
		t.Fatal(err)
	}
	ack := make([]byte, 4)
	if _, err := io.ReadFull(conn, ack); err != nil || ack[3] != 0 {
		t.Fatalf("%x, %v", ack, err)
	}
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	many := bytes.Repeat(packet, 100)
	_ = conn.SetWriteDeadline(time.Now().Add(2 * time.Minute))
	for sent < 10_000_000 {
		if _, err := conn.Write(many); err != nil {
			return sent
		}
		sent += 100
	}
	t.Errorf("%x was taken %d times", packet[:2], sent)
	return sent
}

// Whatever a device sends is metered: what the broker answers by itself, and what it drops.
func TestWhateverADeviceSendsIsMetered(t *testing.T) {
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0", "-speed", "1", "-device-quota", "0.2")
	publish := func(topic string, bytes int) []byte {
		body := append([]byte{0, byte(len(topic))}, topic...)
		body = append(body, strings.Repeat("x", bytes)...)
		n := len(body)
		return append([]byte{0x30, byte(n&0x7f | 0x80), byte(n >> 7)}, body...)
	}
	t.Run("all at once", func(t *testing.T) {
		for id, packet := range map[string][]byte{
			"BX-001": {0xc0, 0}, // PINGREQ
			"BX-003": publish("$SYS/x", 1000),
			"BX-004": publish("hl/v1/BX-005/temp", 1000),
		} {
			secret := secretOf(t, p, id)
			t.Run(id, func(t *testing.T) {
				t.Parallel()
				t.Logf("%d packets went out before it was cut", floods(t, p, id, secret, packet))
			})
		}
	})
	for _, id := range []string{"BX-001", "BX-004"} {
		eventually(t, time.Minute, "an alarm tells of "+id, func() bool {
			return slices.ContainsFunc(alarmsOf(t, p), func(a api.Alarm) bool { return a.Kind == "over_quota" && a.Device == id })
		})
	}
}
