// Command precompress writes beside each file of the built page that gains by it the forms
// in which browsers take it over the wire: brotli (.br) and gzip (.gz). Its argument is the
// directory. The same files give the same bytes.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/gzip"

	"github.com/andybalholm/brotli"
)

// texts are the kinds that shrink; fonts are compressed already.
var texts = []string{".js", ".css", ".html", ".svg", ".txt", ".wasm"}

// least is the size below which a file fits a packet anyway.
const least = 1024

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: precompress DIR")
		os.Exit(2)
	}
	if err := filepath.WalkDir(os.Args[1], each); err != nil {
		fmt.Fprintln(os.Stderr, "precompress:", err)
		os.Exit(1)
	}
}

func each(name string, entry fs.DirEntry, err error) error {
	if err != nil || entry.IsDir() || !slices.Contains(texts, filepath.Ext(name)) {
		return err
	}
	content, err := os.ReadFile(name)
	if err != nil || len(content) < least {
		return err
	}
	var br, gz bytes.Buffer
	small, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return err
	}
	return errors.Join(
		write(name+".br", content, &br, brotli.NewWriterLevel(&br, brotli.BestCompression)),
		write(name+".gz", content, &gz, small),
	)
}

func write(name string, content []byte, out *bytes.Buffer, w io.WriteCloser) error {
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}
