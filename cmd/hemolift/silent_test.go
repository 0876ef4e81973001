package main

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"testing"
	"time"

	"hemolift/web/api"
)

// Silent sockets at both doors, more than the program has descriptors for, keep neither
// people nor devices out, and are gone without a trace.
func TestSilentSocketsKeepNobodyOut(t *testing.T) {
	const descriptors, silent = 400, 420
	limited := []string{"sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, descriptors), binary}
	p := startDemoBy(t, limited, dataDir(t), "-requests-per-hour", "0")
	admin := p.as("admin")
	before := openDescriptors(t, p)
	var sockets []net.Conn
	for range silent {
		for _, door := range []string{p.addr, p.mqtt} {
			if c, err := net.DialTimeout("tcp", door, 20*time.Second); err == nil { // one that is cut at once is no matter
				sockets = append(sockets, c)
			}
		}
	}
	serves := func(device string) {
		t.Helper()
		var b api.Board
		begun := time.Now()
		if err := admin.call(context.Background(), "GET", "/board", nil, &b); err != nil {
			t.Fatal(err)
		}
		t.Logf("the board took %v", time.Since(begun))
		warmBox(t, p, device) // a device that was not connected so
	}
	serves("BX-001")
	for _, c := range sockets {
		_ = c.Close()
	}
	serves("BX-002")
	eventually(t, time.Minute, "the descriptors are free again", func() bool { return openDescriptors(t, p) < before+20 })
}

// openDescriptors is how many the program has open.
func openDescriptors(t *testing.T, p *process) int {
	t.Helper()
	m := regexp.MustCompile(`(?m)^process_open_fds (\S+)$`).FindStringSubmatch(metrics(t, p))
	if m == nil {
		t.Fatal("no count of open descriptors")
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
