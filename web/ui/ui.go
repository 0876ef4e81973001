// Package ui holds the page, built by Vite from src and embedded.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Built is the root of the built page, with what is compressed beside its files.
func Built() fs.ReadDirFS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub.(fs.ReadDirFS)
}
