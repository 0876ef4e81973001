package mesh

// Triangles is a triangulation of a square that holds every lattice point.
// Reading it is safe from any number of goroutines.
//
// Triangle t has its corners in counter-clockwise order in Vert[4t..4t+2], as
// indices into Pts, and its Cover in Vert[4t+3]. Half-edge h = 4t+i runs from
// corner i to the next; Twin[h] is the half-edge of the neighbour that runs the
// other way, or -1 on the square's border.
type Triangles struct {
	points
	Vert, Twin []int32
	grid       grid
}

// Next is the half-edge after h in its triangle.
func Next(h int32) int32 { return h&^3 | (0b00_00_10_01>>uint32(2*(h&3)))&3 }

// Prev is the half-edge before h in its triangle.
func Prev(h int32) int32 { return h&^3 | (0b00_01_00_10>>uint32(2*(h&3)))&3 }

// At returns the point at which half-edge h begins.
func (t *Triangles) At(h int32) Point { return t.Pts[t.Vert[h]] }

// Toward returns a lattice point that lies straight on from where h begins, which
// must be a lattice point, over where it ends. Only an edge on a boundary may end
// in a crossing.
func (t *Triangles) Toward(h int32) Point {
	p := t.At(Next(h))
	if p.X != crossed {
		return p
	}
	s, ok := t.cross[p.Y].on(t.At(h))
	if !ok {
		panic("mesh: an edge that is on no boundary ends in a crossing")
	}
	if s.a == t.At(h) || t.ahead(s, t.At(h), p) {
		return s.b
	}
	return s.a
}

// Cover names the set of regions that covers triangle tri.
func (t *Triangles) Cover(tri int32) Cover { return Cover(t.Vert[4*tri+3]) }

// Place is where a point lies in the mesh: within the triangle of half-edge
// Half, on that half-edge, or at its first corner.
type Place struct {
	Half int32
	Kind Kind
}

// Kind tells the three Places apart.
type Kind uint8

const (
	Within Kind = iota + 1
	OnEdge
	AtCorner
)

// Locate finds the lattice point p, which must be within MaxCoord.
func (t *Triangles) Locate(p Point) Place { return t.walk(t.grid.hint(p), p) }

// walk goes from triangle to triangle towards p. Turning first to a different
// side at each step keeps it from going round in circles.
func (t *Triangles) walk(tri int32, p Point) Place {
	came := int32(-1)
	start := int32(0)
	for {
		next, on, zeros := int32(-1), int32(-1), 0
		for i := range int32(3) {
			h := 4*tri + (i+start)%3
			if h == came {
				continue
			}
			side := t.Side(t.At(h), t.At(Next(h)), p)
			if side < 0 {
				next = t.Twin[h]
				break
			}
			if side == 0 {
				zeros++
				on = h
			}
		}
		if next < 0 {
			return t.settle(tri, p, on, zeros)
		}
		came, tri = next, next>>2
		start = (start*5 + tri + 1) & 0xffff
	}
}

// settle names the place of p, which lies in the closed triangle tri.
func (t *Triangles) settle(tri int32, p Point, on int32, zeros int) Place {
	switch zeros {
	case 0:
		return Place{4 * tri, Within}
	case 1:
		if p == t.At(on) {
			return Place{on, AtCorner}
		}
		if p == t.At(Next(on)) {
			return Place{Next(on), AtCorner}
		}
		return Place{on, OnEdge}
	}
	for h := 4 * tri; h < 4*tri+3; h++ {
		if t.At(h) == p {
			return Place{h, AtCorner}
		}
	}
	panic("mesh: a point on two edges of a triangle is none of its corners")
}

// grid gives for a point a triangle to begin walking at.
type grid struct {
	minX, minY, step int32 // step is the side of a cell
	cols, rows       int32
	tri              []int32
}

func (g *grid) hint(p Point) int32 {
	if len(g.tri) == 0 {
		return 0
	}
	col := min(max((p.X-g.minX)/g.step, 0), g.cols-1)
	row := min(max((p.Y-g.minY)/g.step, 0), g.rows-1)
	return g.tri[row*g.cols+col]
}

// newGrid lays about two cells a vertex over the vertices' box and walks from
// one cell's middle to the next.
func newGrid(t *Triangles, border int) grid {
	if len(t.Pts) <= border {
		return grid{}
	}
	lo, hi := Point{MaxCoord, MaxCoord}, Point{-MaxCoord, -MaxCoord}
	for _, p := range t.Pts[border:] {
		if p.X == crossed {
			continue
		}
		lo, hi = Point{min(lo.X, p.X), min(lo.Y, p.Y)}, Point{max(hi.X, p.X), max(hi.Y, p.Y)}
	}
	w, h := float64(hi.X-lo.X)+1, float64(hi.Y-lo.Y)+1
	g := grid{minX: lo.X, minY: lo.Y}
	g.step = cellSide(w, h, 2*len(t.Pts))
	g.cols, g.rows = int32(w)/g.step+1, int32(h)/g.step+1
	g.tri = make([]int32, g.cols*g.rows)
	last := int32(0)
	for row := range g.rows {
		for i := range g.cols {
			col := i
			if row&1 == 1 {
				col = g.cols - 1 - i
			}
			mid := Point{clampCoord(g.minX, col, g.step), clampCoord(g.minY, row, g.step)}
			last = t.walk(last, mid).Half >> 2
			g.tri[row*g.cols+col] = last
		}
	}
	return g
}

func clampCoord(low, cell, step int32) int32 {
	return int32(min(int64(low)+int64(cell)*int64(step)+int64(step)/2, MaxCoord))
}
