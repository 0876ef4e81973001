package localpg

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
)

// leastRoom is what must be free on the disk for the server to count as ready, in bytes: two
// segments of the write-ahead log.
const leastRoom = 32 << 20

// Room says that the disk of the data directory is full.
func (s *Server) Room() error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &disk); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < leastRoom {
		return fmt.Errorf("%d MB are free on the disk of %s", free>>20, s.dir)
	}
	return nil
}

// FreeAt is what is free, in bytes, where a directory is or will be.
func FreeAt(dir string) (uint64, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0, err
	}
	for {
		var disk syscall.Statfs_t
		err := syscall.Statfs(dir, &disk)
		if err == nil {
			return disk.Bavail * uint64(disk.Bsize), nil
		}
		if !errors.Is(err, syscall.ENOENT) || dir == "/" {
			return 0, fmt.Errorf("%s: %w", dir, err)
		}
		dir = filepath.Dir(dir)
	}
}
