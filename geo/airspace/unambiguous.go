package airspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// deepest is how far values may lie in each other.
const deepest = 100

// unambiguous refuses a document in which something is said twice, or a corner lacks a
// coordinate: the reader behind it would take one of the two, or zero, in silence.
func unambiguous(doc []byte) error {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	if err := walk(dec, "", 0, false); err != nil && !errors.Is(err, io.EOF) {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil // the reader says it
		}
		return fmt.Errorf("zones: %w", err)
	}
	return nil
}

// walk goes through the next value. corners is true beneath the members that hold places.
func walk(dec *json.Decoder, path string, depth int, corners bool) error {
	if depth > deepest {
		return fmt.Errorf("%.60s: is nested more than %d times", path, deepest)
	}
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return walkObject(dec, path, depth+1)
	case json.Delim('['):
		return walkList(dec, path, depth+1, corners)
	}
	return nil
}

// walkObject refuses a name that stands twice, in whatever case: readers take either.
func walkObject(dec *json.Decoder, path string, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		here := strings.TrimPrefix(path+"."+name, ".")
		if seen[strings.ToLower(name)] {
			return fmt.Errorf("%s: is there twice", here)
		}
		seen[strings.ToLower(name)] = true
		if err := walk(dec, here, depth, strings.EqualFold(name, "coordinates") || strings.EqualFold(name, "center")); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func walkList(dec *json.Decoder, path string, depth int, corners bool) error {
	if depth > deepest {
		return fmt.Errorf("%.60s: is nested more than %d times", path, deepest)
	}
	n, figures := 0, 0
	for ; dec.More(); n++ {
		if !corners {
			if err := walk(dec, fmt.Sprintf("%s[%d]", path, n), depth, false); err != nil {
				return err
			}
			continue
		}
		token, err := dec.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case json.Number:
			figures++
		case json.Delim:
			if token != '[' {
				return fmt.Errorf("%s[%d]: is no place", path, n)
			}
			if err := walkList(dec, fmt.Sprintf("%s[%d]", path, n), depth+1, true); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s[%d]: is %v, and no number", path, n, token)
		}
	}
	if figures > 0 && (figures != n || figures < 2) {
		return fmt.Errorf("%s: is no place of two numbers", path)
	}
	_, err := dec.Token()
	return err
}
