package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// secrets are the paths whose answers hold a secret: compressed beside what a caller sent,
// their length would tell of it.
var secrets = []string{"/api/v1/session", "/api/v1/tokens", "/api/v1/devices/"}

// compressed shortens the API's answers for those who take it. A live feed compresses its
// own frames.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024))
	if err != nil {
		panic(err) // the options are fixed
	}
	short := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain := !strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/api/v1/live"
		for _, path := range secrets {
			plain = plain || strings.HasPrefix(r.URL.Path, path)
		}
		if plain {
			next.ServeHTTP(w, r)
			return
		}
		short.ServeHTTP(w, r)
	})
}
