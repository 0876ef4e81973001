package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"hemolift/dispatch/label"
	"hemolift/web"
	"hemolift/web/api"
)

// readLabels is the command `hemolift label`: each scan as the server reads it, or why it
// is refused.
func readLabels(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("label SCAN", flag.ContinueOnError)
	scans, err := parseWithFiles(fs, args)
	if err != nil {
		return err
	}
	if len(scans) == 0 {
		return errors.New("label: name one or more scans, each in quotes as the scanner types it")
	}
	type line struct {
		Scan string `json:"scan"`
		*api.Label
		Refused string `json:"refused,omitempty"`
	}
	enc, refused := json.NewEncoder(out), 0
	enc.SetEscapeHTML(false)
	for _, scan := range scans {
		l, err := label.Read(scan)
		said := line{Scan: scan}
		if err != nil {
			refused++
			said.Refused = err.Error()
		} else {
			said.Label = new(web.LabelView(l))
		}
		if err := enc.Encode(said); err != nil {
			return err
		}
	}
	if refused > 0 {
		return fmt.Errorf("label: %d of %d scans were refused", refused, len(scans))
	}
	return nil
}
