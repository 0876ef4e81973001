package gateway

import (
	"context"
	"log/slog"

	"hemolift/telemetry/tally"
)

// brokerLog passes the broker's warnings and errors on to the program's log, each text
// once a minute with how many there were: whoever is outside can make them. Packets are
// left out, since one may hold a secret.
type brokerLog struct {
	slog.Handler
	told *tally.Tally
}

func (h brokerLog) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h brokerLog) Handle(ctx context.Context, r slog.Record) error {
	level, message := r.Level, "broker: "+r.Message
	if r.Message == "" { // a connection that broke off, as they do
		level, message = slog.LevelInfo, "broker: connection ended"
	}
	if !h.Handler.Enabled(ctx, level) {
		return nil
	}
	n := h.told.Add(message, r.Time)
	if n == 0 {
		return nil
	}
	kept := slog.NewRecord(r.Time, level, message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "pk" {
			kept.AddAttrs(a)
		}
		return true
	})
	kept.AddAttrs(slog.Int("count", n))
	return h.Handler.Handle(ctx, kept)
}

func (h brokerLog) WithAttrs(a []slog.Attr) slog.Handler {
	return brokerLog{h.Handler.WithAttrs(a), h.told}
}

func (h brokerLog) WithGroup(name string) slog.Handler {
	return brokerLog{h.Handler.WithGroup(name), h.told}
}
