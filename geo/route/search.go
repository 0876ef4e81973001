package route

import (
	"container/heap"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// search runs A* from start to goal over the active walls' turning points. Legs
// are tested when a node is settled, so most pairs never are.
func search(walls []*wall, marginM float64, start, goal orb.Point) []orb.Point {
	nodes := []orb.Point{start, goal}
	for _, w := range walls {
		for _, c := range w.corners {
			if !blocked(walls, marginM, c, c) {
				nodes = append(nodes, c)
			}
		}
	}
	cost := make([]float64, len(nodes))
	from := make([]int, len(nodes))
	settled := make([]bool, len(nodes))
	for i := range cost {
		cost[i], from[i] = math.Inf(1), -1
	}
	cost[0] = 0
	open := &frontier{{node: 0, rank: dist(start, goal)}}
	for open.Len() > 0 {
		u := heap.Pop(open).(entry).node
		if settled[u] {
			continue
		}
		settled[u] = true
		if u == 1 {
			return unwind(nodes, from)
		}
		for v := 1; v < len(nodes); v++ {
			c := cost[u] + dist(nodes[u], nodes[v])
			if settled[v] || c >= cost[v] || blocked(walls, marginM, nodes[u], nodes[v]) {
				continue
			}
			cost[v], from[v] = c, u
			heap.Push(open, entry{node: v, rank: c + dist(nodes[v], goal)})
		}
	}
	return nil
}

func unwind(nodes []orb.Point, from []int) []orb.Point {
	var path []orb.Point
	for v := 1; v >= 0; v = from[v] {
		path = append(path, nodes[v])
	}
	slices.Reverse(path)
	return path
}

func dist(a, b orb.Point) float64 { return math.Hypot(b[0]-a[0], b[1]-a[1]) }

// entry is a node waiting to be settled, ranked by cost so far plus the straight
// distance left.
type entry struct {
	node int
	rank float64
}

type frontier []entry

func (f frontier) Len() int           { return len(f) }
func (f frontier) Less(i, j int) bool { return f[i].rank < f[j].rank }
func (f frontier) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)        { *f = append(*f, x.(entry)) }
func (f *frontier) Pop() any {
	old := *f
	e := old[len(old)-1]
	*f = old[:len(old)-1]
	return e
}
