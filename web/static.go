package web

import (
	"bytes"
	_ "embed"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/vearutop/statigz"
	"github.com/vearutop/statigz/brotli"
)

//go:embed basemap/default.pmtiles
var defaultBasemap []byte

// Basemap is the map's tiles: the bundled chart, or the operator's file.
type Basemap struct{ File string }

// Custom reports whether the operator gave a file.
func (b Basemap) Custom() bool { return b.File != "" }

// serve answers ranges, as the PMTiles reader asks for them.
func (b Basemap) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-cache")
	if !b.Custom() {
		http.ServeContent(w, r, "default.pmtiles", time.Time{}, bytes.NewReader(defaultBasemap))
		return
	}
	f, err := os.Open(b.File)
	if err != nil {
		http.Error(w, "the basemap file cannot be read", http.StatusServiceUnavailable)
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		http.Error(w, "the basemap file cannot be read", http.StatusServiceUnavailable)
		return
	}
	http.ServeContent(w, r, b.File, st.ModTime(), f)
}

// page serves the built page: hashed assets for ever, everything else is the page.
// What is compressed beside a file is what goes over the wire.
func page(built fs.ReadDirFS) http.Handler {
	files := statigz.FileServer(built, brotli.AddEncoding)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		if st, err := fs.Stat(built, name); err == nil && !st.IsDir() && name != "index.html" {
			files.ServeHTTP(w, r)
			return
		}
		r.URL.Path = "/"
		files.ServeHTTP(w, r)
	})
}
