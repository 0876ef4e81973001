package route

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"hemolift/geo/mesh"
)

// FuzzSpace makes zones of bytes, on a lattice of 64 by 64. What is refused names
// its zone; what is accepted plans like brute force.
func FuzzSpace(f *testing.F) {
	f.Add([]byte{4, 10, 10, 30, 10, 30, 30, 10, 30, 3, 20, 20, 50, 25, 25, 50}, byte(0), byte(0), byte(60), byte(60))
	f.Add([]byte{4, 10, 10, 20, 10, 20, 20, 10, 20, 4, 20, 20, 30, 20, 30, 30, 20, 30}, byte(15), byte(25), byte(25), byte(15))
	f.Fuzz(func(t *testing.T, data []byte, x0, y0, x1, y1 byte) {
		var zones []Zone
		for len(data) > 0 && len(zones) < 6 {
			n := min(int(data[0])%9, (len(data)-1)/2)
			z := Zone{ID: fmt.Sprint("z", len(zones)), UpperM: 1, Rings: [][]mesh.Point{nil}}
			for i := range n {
				z.Rings[0] = append(z.Rings[0], mesh.Point{X: int32(data[1+2*i]) % 61, Y: int32(data[2+2*i]) % 61})
			}
			data = data[1+2*n:]
			zones = append(zones, z)
		}
		sp, err := NewSpace(zones, 0)
		if err != nil {
			if !hasPrefix(err.Error(), `zone "z`) {
				t.Fatalf("an error without its zone: %v", err)
			}
			return
		}
		for _, z := range zones {
			if touchesItself(z.Rings[0]) {
				return // the oracle knows simple rings only
			}
		}
		q := Query{From: mesh.Point{X: int32(x0) % 61, Y: int32(y0) % 61}, To: mesh.Point{X: int32(x1) % 61, Y: int32(y1) % 61}}
		want, wantErr := newOracle(zones, q.From, q.To, math.Hypot).solve()
		got, gotErr := sp.Snapshot().Plan(q)
		if !errors.Is(gotErr, wantErr) || (wantErr == nil && math.Abs(got.Cost-want) > 1e-9*want) {
			t.Fatalf("%v to %v: got %v %v, want %v %v; zones %v", q.From, q.To, got, gotErr, want, wantErr, zones)
		}
	})
}
