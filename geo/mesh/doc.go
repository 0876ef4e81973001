// Package mesh is a constrained triangulation of the plane on an integer
// lattice. geo/route searches its triangles.
//
// A Point is a lattice point; one step is whatever the caller says (Hemolift
// uses 1 mm, x east and y north). A Region is a closed set bounded by rings;
// every triangle knows which regions cover it, so one mesh serves any choice of
// regions at a time. Where boundaries cross, the mesh has a vertex that is no
// lattice point: it is kept as the exact crossing of two segments.
//
// No decision rests on a rounded number. The side of a line on which a point
// lies is decided in 64-bit integers; with a crossing involved, in floating
// point when the error bound allows it and in big integers otherwise. Rounded
// numbers only choose among valid triangulations (the flips that make triangles
// well shaped).
//
// A Mesh belongs to one writer. Readers get a Triangles, a frozen copy.
package mesh
