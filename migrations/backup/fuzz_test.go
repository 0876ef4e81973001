package backup

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packed is a tar of one entry and a manifest.
func packed(t testing.TB, name string, content, manifest []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for n, c := range map[string][]byte{name: content, manifestName: manifest} {
		if err := w.WriteHeader(&tar.Header{Name: n, Mode: 0o600, Size: int64(len(c)), Typeflag: tar.TypeReg}); err != nil {
			t.Skip(err)
		}
		if _, err := w.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever an archive's entries are named, nothing is written beside the directory, and only what
// the manifest has is taken.
func FuzzUnpack(f *testing.F) {
	for _, name := range []string{"base/1/1", "../beside", "/etc/passwd", "a/../../b", "..", "", "pg_wal/x", "a//b", "a\x00b", "./a"} {
		f.Add(name, []byte("x"), []byte(`{"Files": [{"Path": "base/1/1", "Checksum": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}]}`))
	}
	f.Add("a", []byte(""), []byte(`{"Files": [{"Encoded-Path": "zz"}]}`))
	f.Add("a", []byte(""), []byte(`null`))
	f.Fuzz(func(t *testing.T, name string, content, manifest []byte) {
		room := t.TempDir()
		dir := filepath.Join(room, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "base.tar.zst")
		if err := os.WriteFile(file, packed(t, name, content, manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		err := unpack(t.Context(), file, dir, false, nil)
		beside, err2 := os.ReadDir(room)
		if err2 != nil || len(beside) != 1 {
			t.Errorf("%q: there are %v, %v", name, beside, err2)
		}
		if err == nil && !bytes.Contains(manifest, []byte("Checksum")) {
			t.Errorf("%q was taken without a checksum", manifest)
		}
	})
}

func TestWhichSegmentsFollowABackup(t *testing.T) {
	t.Parallel()
	one := func(number uint64) string { return segmentName(1, number) }
	for name, c := range map[string]struct {
		there LogFiles
		want  int // -1: a gap
	}{
		"an archive that began later":  {LogFiles{one(3), one(4) + Unfinished}, 2},
		"one that began before":        {LogFiles{one(1), one(2), one(3), one(4) + Unfinished}, 3},
		"nothing yet":                  {nil, 0},
		"whole and Unfinished":         {LogFiles{one(2), one(2) + Unfinished, one(3)}, 2},
		"a gap after the backup":       {LogFiles{one(2), one(4)}, -1},
		"it begins after a gap":        {LogFiles{one(4)}, -1},
		"another timeline goes on":     {LogFiles{one(2), one(3), segmentName(2, 3), segmentName(2, 4), "00000002.history"}, 5},
		"a second part of the numbers": {LogFiles{one(2), one(3), one(5)}, -1},
	} {
		list, err := c.there.after(2, 3)
		if got := len(list); (err != nil) != (c.want < 0) || err == nil && got != c.want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, c.want)
		}
	}
}
