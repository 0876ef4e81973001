package bucket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Account opens a store.
type Account struct {
	Endpoint    string // https://HOST[:PORT]; http on loopback only
	Region      string // empty: the store's own
	Key, Secret string
}

// Bucket is a place in a store.
type Bucket struct {
	client *minio.Client
	name   string
	prefix string // empty, or ends in a slash
}

// Open takes a place written as s3://BUCKET/PREFIX. It asks the store nothing yet.
func Open(place string, a Account) (*Bucket, error) {
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("%q is no place in a bucket: want s3://BUCKET or s3://BUCKET/PREFIX", place)
	}
	e, err := url.Parse(a.Endpoint)
	switch {
	case a.Endpoint == "":
		return nil, errors.New("the store's address is missing: set AWS_ENDPOINT_URL, as https://s3.example.org")
	case err != nil || e.Host == "" || e.Scheme != "https" && e.Scheme != "http" || strings.Trim(e.Path, "/") != "":
		return nil, fmt.Errorf("AWS_ENDPOINT_URL %q is no address: want https://HOST", a.Endpoint)
	case e.Scheme == "http" && !loopback(e.Hostname()):
		return nil, fmt.Errorf("AWS_ENDPOINT_URL %q is not encrypted: want https", a.Endpoint)
	case a.Key == "" || a.Secret == "":
		return nil, errors.New("the store's account is missing: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	client, err := minio.New(e.Host, &minio.Options{
		Creds: credentials.NewStaticV4(a.Key, a.Secret, ""), Secure: e.Scheme == "https", Region: a.Region, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, err
	}
	b := &Bucket{client: client, name: u.Host}
	if p := strings.Trim(u.Path, "/"); p != "" {
		b.prefix = p + "/"
	}
	return b, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const logDir = "log"

// sizes are those of the objects beneath a directory, by their names in it; names of directories end in a slash.
func (b *Bucket) sizes(ctx context.Context, dir string) (map[string]int64, error) {
	at := b.prefix
	if dir != "" {
		at += dir + "/"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := map[string]int64{}
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: at}) {
		if o.Err != nil {
			return nil, fmt.Errorf("list %s: %w", b.place(dir), o.Err)
		}
		found[strings.TrimPrefix(o.Key, at)] = o.Size
	}
	return found, nil
}

// place is how people write where something is.
func (b *Bucket) place(key string) string { return "s3://" + path.Join(b.name, b.prefix, key) }

func (b *Bucket) remove(ctx context.Context, key string) error {
	if err := b.client.RemoveObject(ctx, b.name, b.prefix+key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove %s: %w", b.place(key), err)
	}
	return nil
}
