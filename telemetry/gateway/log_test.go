package gateway

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"hemolift/telemetry/tally"
)

func TestTheBrokersLogIsShortAndHoldsNoSecret(t *testing.T) {
	var out bytes.Buffer
	l := slog.New(brokerLog{slog.NewTextHandler(&out, nil), tally.New()}).With("door", 1)
	l.Info("attached listener")
	for range 1000 {
		l.Warn("error processing packet", "client", "BX-1", "pk", "password")
	}
	for range 10 {
		l.Warn("", "error", "EOF")
	}
	l.Error("packet ids exhausted")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "client=BX-1") || !strings.Contains(lines[1], "level=INFO") || !strings.Contains(lines[2], "ids exhausted") {
		t.Errorf("logged:\n%s", out.String())
	}
	if strings.Contains(out.String(), "password") {
		t.Error("a packet was logged")
	}
}
