package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
)

// withDrones returns the network with as many drones as wanted: fewer of its own,
// or more of its first class at its first centre, with boxes for them.
func withDrones(dir fs.FS, want int) fs.FS {
	out := fstest.MapFS{}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return dir
	}
	for _, e := range entries {
		if b, err := fs.ReadFile(dir, e.Name()); err == nil {
			out[e.Name()] = &fstest.MapFile{Data: b}
		}
	}
	drones, fleet := out["drones.csv"], out["fleet.csv"]
	lines := strings.Split(strings.TrimSpace(string(drones.Data)), "\n")
	have := len(lines) - 1
	if want < have {
		drones.Data = []byte(strings.Join(lines[:want+1], "\n") + "\n")
	}
	var more, boxes bytes.Buffer
	for i := have + 1; i <= want; i++ {
		fmt.Fprintf(&more, "HL-%02d,MR-10,SYBC\n", i)
		fmt.Fprintf(&boxes, "BX-%03d,BX-RBC,SYBC\n", 200+i)
	}
	drones.Data = append(drones.Data, more.Bytes()...)
	fleet.Data = append(fleet.Data, boxes.Bytes()...)
	return out
}
