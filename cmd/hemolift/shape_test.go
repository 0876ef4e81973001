package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The limits of shape: of a file and a function in lines, of a function's parameters, of a
// type's declared methods and an interface's.
const (
	mostFileLines  = 400
	mostFuncLines  = 70
	mostParams     = 6
	mostMethods    = 40
	mostInterfaces = 12
)

// mayBeLonger are the files that are one search each; their parts stand in files of their
// own, and taking them apart would hide the order of their steps.
var mayBeLonger = []string{"geo/route/search.go", "geo/route/timed.go"}

// shape gathers what is largest, and what is too large.
type shape struct {
	most    map[string]int
	where   map[string]string
	methods map[string]int
	faults  []string
}

// see notes one measure of a thing.
func (s *shape) see(what, name string, n, limit int) {
	if n > s.most[what] {
		s.most[what], s.where[what] = n, name
	}
	if n > limit {
		s.faults = append(s.faults, fmt.Sprintf("%s: %d %s, at most %d", name, n, what, limit))
	}
}

func TestShape(t *testing.T) {
	s := shape{most: map[string]int{}, where: map[string]string{}, methods: map[string]int{}}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, ".gen.go"):
			return s.file(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range s.methods {
		s.see("methods", name, n, mostMethods)
	}
	for _, what := range []string{"lines of a file", "lines of a function", "parameters", "methods", "methods of an interface"} {
		t.Logf("most %s: %d (%s)", what, s.most[what], s.where[what])
	}
	for _, fault := range s.faults {
		t.Error(fault)
	}
}

func (s *shape) file(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, src, 0)
	if err != nil {
		return err
	}
	name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
	if !slices.Contains(mayBeLonger, name) {
		s.see("lines of a file", name, strings.Count(string(src), "\n"), mostFileLines)
	}
	dir := filepath.Dir(name)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			s.function(fset, dir, name, n)
		case *ast.TypeSpec:
			if i, ok := n.Type.(*ast.InterfaceType); ok {
				s.see("methods of an interface", dir+"."+n.Name.Name, i.Methods.NumFields(), mostInterfaces)
			}
		}
		return true
	})
	return nil
}

func (s *shape) function(fset *token.FileSet, dir, file string, f *ast.FuncDecl) {
	lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
	if !slices.Contains(mayBeLonger, file) {
		s.see("lines of a function", file+" "+f.Name.Name, lines, mostFuncLines)
		s.see("parameters", file+" "+f.Name.Name, f.Type.Params.NumFields(), mostParams)
	}
	if f.Recv == nil {
		return
	}
	recv := f.Recv.List[0].Type
	if p, ok := recv.(*ast.StarExpr); ok {
		recv = p.X
	}
	if g, ok := recv.(*ast.IndexExpr); ok {
		recv = g.X
	}
	s.methods[dir+"."+recv.(*ast.Ident).Name]++
}
