package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"hemolift/web/api"
)

// apiClient calls the API as any program would: over HTTP, with a token.
type apiClient struct {
	url, token string
}

var httpClient = &http.Client{Timeout: 20 * time.Second}

// apiError is a problem document.
type apiError struct{ api.Problem }

func (e apiError) Error() string {
	if e.Detail != nil {
		return fmt.Sprintf("%d %s: %s", e.Status, e.Title, *e.Detail)
	}
	return fmt.Sprintf("%d %s", e.Status, e.Title)
}

// call sends body, if it is not nil, and reads the answer into answer.
func (c apiClient) call(ctx context.Context, method, path string, body, answer any, header ...string) error {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+"/api/v1"+path, payload)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := httpClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		var p api.Problem
		if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p); err != nil {
			return fmt.Errorf("%s %s: status %d", method, path, res.StatusCode)
		}
		return apiError{p}
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(res.Body, 64<<20)).Decode(answer)
}
