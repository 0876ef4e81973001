// Package ui holds the page, built by Vite from src and embedded.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Built is the root of the built page.
func Built() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}
