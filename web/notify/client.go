package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const callWithin = 10 * time.Second

// newClient calls public addresses, and those within the allowed networks, whose certificates
// roots sign; nil are the system's.
func newClient(allowed []netip.Prefix, roots *x509.CertPool) *http.Client {
	dialer := &net.Dialer{
		Timeout: callWithin,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return mayCall(address, allowed)
		},
	}
	return &http.Client{
		Timeout:       callWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: callWithin, ResponseHeaderTimeout: callWithin, MaxResponseHeaderBytes: 16 << 10,
			MaxIdleConns: 16, IdleConnTimeout: time.Minute,
		},
	}
}

// notPublic are networks that are nobody's on the Internet, beside those that net/netip knows:
// of carriers (RFC 6598), of protocols and documentation (RFC 6890), for benchmarks (RFC
// 2544), of translated and tunnelled IPv4 (RFC 6052, 3056), and reserved.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
}

var errInside = errors.New("is within a network, and not one that may be called")

// mayCall refuses an address, as a name came out, that is not public and not allowed.
func mayCall(address string, allowed []netip.Prefix) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s is no address: %w", address, err)
	}
	ip := at.Addr().Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(allowed, within) {
		return nil
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(notPublic, within) {
		return fmt.Errorf("%s %w", ip, errInside)
	}
	return nil
}
