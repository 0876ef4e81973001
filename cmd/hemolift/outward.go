package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch"
	"hemolift/web/notify"
)

// outward is whether and whom the server calls to tell people outside the page.
type outward struct {
	contact string // empty: nobody
	inside  string // networks, separated by commas
	ca      string // file

	networks []netip.Prefix
	roots    *x509.CertPool
}

func (o *outward) flags(fl *flag.FlagSet) {
	const (
		notify = "tell people outside the page (web push, webhooks); an e-mail or https address of the operator, told to push services"
		inside = "networks of one's own that -notify may call too, as 10.1.0.0/16, separated by commas"
		ca     = "file (PEM) of the authorities that sign what -notify calls, instead of the system's"
	)
	fl.StringVar(&o.contact, "notify", "", notify)
	fl.StringVar(&o.inside, "notify-inside", "", inside)
	fl.StringVar(&o.ca, "notify-ca", "", ca)
}

// check refuses what cannot work, and reads what the others say.
func (o *outward) check() error {
	if o.contact == "" {
		if o.inside != "" || o.ca != "" {
			return errors.New("-notify-inside and -notify-ca go with -notify")
		}
		return nil
	}
	if u, err := url.Parse(o.contact); err != nil || u.Scheme != "https" || u.Host == "" {
		address, err := mail.ParseAddress(strings.TrimPrefix(o.contact, "mailto:"))
		if err != nil {
			return fmt.Errorf("-notify %s: want an e-mail or https address", o.contact)
		}
		o.contact = address.Address
	}
	for _, n := range strings.FieldsFunc(o.inside, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return fmt.Errorf("-notify-inside %s: want networks, as 10.1.0.0/16", n)
		}
		o.networks = append(o.networks, p)
	}
	if o.ca == "" {
		return nil
	}
	var err error
	o.roots, err = readRoots("notify-ca", o.ca)
	return err
}

// makeSender makes what tells people outside the page; none where the server calls nobody.
func (a *app) makeSender(ctx context.Context, feed *dispatch.Feed, metrics *prometheus.Registry) error {
	if a.notify.contact == "" {
		return nil
	}
	private, public, err := a.db.Notices.PushKey(ctx, webpush.GenerateVAPIDKeys)
	if err != nil {
		return fmt.Errorf("key for push services: %w", err)
	}
	a.sender = notify.New(notify.Parts{
		Feed: feed, Boards: a.db.Boards, Store: a.db.Notices, Contact: a.notify.contact, Private: private, Public: public,
		Inside: a.notify.networks, Roots: a.notify.roots, Now: a.clock.now, Logger: a.log, Metrics: metrics,
	})
	return nil
}
