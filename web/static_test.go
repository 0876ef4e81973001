package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// get is a request for what is not the API.
func (d *door) get(method, path string, header ...string) answer {
	d.t.Helper()
	r, err := http.NewRequest(method, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return d.sends(r)
}

func TestThePageAndWhatItNeeds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tests := []struct {
		method, path, body, cache string
		status                    int
	}{
		{"GET", "/", "the page", "no-cache", 200},
		{"GET", "/index.html", "the page", "no-cache", 200},
		{"GET", "/cold", "the page", "no-cache", 200}, // a path of the page's own
		{"GET", "/assets/a-1.js", "1", "immutable", 200},
		{"GET", "/assets/a-2.js", "", "", 404},
		{"GET", "/icon.svg", "<svg/>", "no-cache", 200},
		{"POST", "/", "only GET", "", 405},
		{"GET", "/healthz", "", "", 200},
		{"GET", "/readyz", "", "", 200},
		{"GET", "/metrics", "not-signed-in", "", 401},
		{"GET", "/api.yaml", "openapi: 3.1", "", 200},
		{"GET", "/basemap/default.pmtiles", "PMTiles", "no-cache", 200},
		{"GET", "/api/v1/nothing", "not-found", "", 404},
	}
	for _, tt := range tests {
		got := d.get(tt.method, tt.path)
		if got.status != tt.status || !strings.Contains(string(got.body), tt.body) || !strings.Contains(got.header.Get("Cache-Control"), tt.cache) {
			t.Errorf("%s %s: got %d, Cache-Control %q, %.60s", tt.method, tt.path, got.status, got.header.Get("Cache-Control"), got.body)
		}
		if csp := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") {
			t.Errorf("%s %s: the policy is %q", tt.method, tt.path, csp)
		}
	}
	part := d.get("GET", "/basemap/default.pmtiles", "Range", "bytes=0-6")
	if part.status != http.StatusPartialContent || string(part.body) != "PMTiles" {
		t.Errorf("a range: got %d %q", part.status, part.body)
	}
}

func TestTheOperatorsBasemap(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	file := filepath.Join(t.TempDir(), "own.pmtiles")
	d.Basemap = Basemap{File: file}
	server := d.Handler()
	ask := func() answer {
		t.Helper()
		w := httptest.NewRecorder()
		r, err := http.NewRequest("GET", "/basemap/default.pmtiles", nil)
		if err != nil {
			t.Fatal(err)
		}
		server.ServeHTTP(w, r)
		return answer{t, "basemap", w.Code, w.Header(), w.Body.Bytes()}
	}
	if got := ask(); got.status != http.StatusServiceUnavailable || strings.Contains(string(got.body), file) {
		t.Errorf("without the file: got %d %s", got.status, got.body)
	}
	if err := os.WriteFile(file, []byte("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got.status != http.StatusOK || string(got.body) != "own" {
		t.Errorf("with the file: got %d %s", got.status, got.body)
	}
}

func TestNotReadyWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Pool.Close()
	if got := d.get("GET", "/readyz"); got.status != http.StatusServiceUnavailable || string(got.body) != "not ready\n" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	// What fails inside is not told.
	got := person{door: d, token: "some token"}.asks("GET", "/board", nil)
	got.refuses(http.StatusInternalServerError, "")
	if strings.Contains(string(got.body), "pool") {
		t.Errorf("told %s", got.body)
	}
}

// What is compressed beside a file goes to those who take it, and nobody else; the page is
// asked for again by its tag.
func TestFilesGoCompressedOverTheWire(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for takes, want := range map[string]string{"br, gzip": "as brotli", "gzip": string(gzipped(t, "1")), "identity": "1"} {
		got := d.get("GET", "/assets/a-1.js", "Accept-Encoding", takes)
		if string(got.body) != want || got.header.Get("Vary") != "Accept-Encoding" || !strings.Contains(got.header.Get("Content-Type"), "javascript") {
			t.Errorf("%s: got %q, %v", takes, got.body, got.header)
		}
	}
	first := d.get("GET", "/")
	if again := d.get("GET", "/", "If-None-Match", first.header.Get("ETag")); again.status != http.StatusNotModified {
		t.Errorf("the page again: %d, tag %q", again.status, first.header.Get("ETag"))
	}
}

// Answers of the API are compressed, but for those that hold a secret, and what is no answer
// of it.
func TestAnswersGoCompressedOverTheWire(t *testing.T) {
	long := `{"text":"` + strings.Repeat("blood ", 1000) + `"}`
	h := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, long)
	}))
	for path, short := range map[string]bool{
		"/api/v1/board": true, "/api/v1/events": true, "/api/v1/network": true, "/": false, "/basemap/default.pmtiles": false,
		"/api/v1/live": false, "/api/v1/session": false, "/api/v1/sessions/1": false, "/api/v1/tokens": false, "/api/v1/devices/BX-1/secret": false,
	} {
		for _, takes := range []string{"gzip, deflate, br", ""} {
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept-Encoding", takes)
			h.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != (short && takes != "") || got != (w.Body.Len() < len(long)/10) {
				t.Errorf("%s, taking %q: %d bytes, %v", path, takes, w.Body.Len(), w.Header())
			}
		}
	}
}
