package live

import (
	"context"
	"sync"
)

// Live feeds any number of connections.
type Live struct {
	Parts
	hub  *hub
	told told

	ctx     context.Context // of the connections, until Run ends
	end     context.CancelFunc
	viewers sync.WaitGroup
	ending  sync.Mutex // held while a connection begins, and when they end
}

// New returns a feed; its Run must be started.
func New(p Parts) *Live {
	l := &Live{Parts: p, hub: newHub(p)}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

// Run sends ticks to the connections until ctx ends, and they with it.
func (l *Live) Run(ctx context.Context) error {
	err := l.hub.run(ctx)
	l.ending.Lock()
	l.end()
	l.ending.Unlock()
	l.viewers.Wait()
	return err
}

// begin counts a connection, unless they have ended.
func (l *Live) begin() bool {
	l.ending.Lock()
	defer l.ending.Unlock()
	if l.ctx.Err() != nil {
		return false
	}
	l.viewers.Add(1)
	return true
}
