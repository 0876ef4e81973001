package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/notice"
)

// Bounds of what is sent.
const (
	atOnce   = 128 // calls under way
	queued   = 500
	tries    = 3
	pauseFor = 5 * time.Second // before the second try, and twice that before the third
	pushTTL  = time.Hour       // that a push service keeps one for a browser that is off
)

// store keeps who is told, and whether they were reached.
type store interface {
	Targets(ctx context.Context, site network.SiteID, u delivery.Urgency) (notice.Targets, error)
	Told(ctx context.Context, endpoint string, at time.Time, how notice.Outcome) error
	Called(ctx context.Context, site network.SiteID, at time.Time, how notice.Outcome) error
}

type boards interface {
	Delivery(ctx context.Context, id delivery.ID) (delivery.Record, error)
}

// Parts are what a Sender is joined from.
type Parts struct {
	Feed    *dispatch.Feed
	Boards  boards
	Store   store
	Contact string // of the operator, told to push services: mailto: or https:
	Private string // key pair of the server (VAPID), base64url
	Public  string
	Inside  []netip.Prefix // networks of one's own that may be called
	Roots   *x509.CertPool // nil: the system's
	Now     func() time.Time
	Logger  *slog.Logger
	Metrics *prometheus.Registry
}

// Sender tells people of hospitals outside the page.
type Sender struct {
	Parts
	client *http.Client
	queue  chan call
	turns  *semaphore.Weighted
	calls  *prometheus.CounterVec
}

// call is one message to one address, and what to do with how it ended.
type call struct {
	what  string
	tried int
	try   func(ctx context.Context) (status int, err error)
	ended func(ctx context.Context, how notice.Outcome) error
}

// The ways of a notice.
const (
	byPush = "push"
	byHook = "webhook"
)

// New returns a Sender; its Run must be started.
func New(p Parts) *Sender {
	s := &Sender{
		Parts: p, client: newClient(p.Inside, p.Roots), queue: make(chan call, queued), turns: semaphore.NewWeighted(atOnce),
		calls: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "hemolift_notices_total", Help: "Notices to people outside the page, by way and outcome."},
			[]string{"way", "outcome"},
		),
	}
	p.Metrics.MustRegister(s.calls)
	for _, way := range []string{byPush, byHook} { // counted from nothing on, so that their rates are known
		s.calls.WithLabelValues(way, "failed")
	}
	return s
}

// Key is the server's public one, for browsers' subscriptions; empty of a nil Sender.
func (s *Sender) Key() string {
	if s == nil {
		return ""
	}
	return s.Public
}

// Run tells of what happens from now on until ctx ends. Of a nil Sender, which tells nobody,
// it does nothing.
func (s *Sender) Run(ctx context.Context) error {
	if s == nil {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	calls.Go(func() { s.work(ctx, &calls) })
	seq := s.Feed.Last()
	for {
		events, more, ok := s.Feed.Since(seq)
		if !ok {
			s.Logger.WarnContext(ctx, "notices: events were missed", "after", seq)
		}
		for _, e := range events {
			seq = e.Seq
			if err := s.tell(ctx, e); err != nil && ctx.Err() == nil {
				s.Logger.ErrorContext(ctx, "notice", "event", e.Seq, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-more:
		}
	}
}

// work makes the calls that are queued, atOnce at a time.
func (s *Sender) work(ctx context.Context, calls *sync.WaitGroup) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-s.queue:
			if s.turns.Acquire(ctx, 1) != nil {
				return
			}
			calls.Go(func() {
				defer s.turns.Release(1)
				s.make(ctx, c)
			})
		}
	}
}

// tell queues what an event means to people of a hospital.
func (s *Sender) tell(ctx context.Context, e delivery.Event) error {
	kind, id, ok := notice.About(e)
	if !ok {
		return nil
	}
	rec, err := s.Boards.Delivery(ctx, id)
	if err != nil {
		return err
	}
	n, ok := notice.Of(e, kind, rec)
	if !ok {
		return nil
	}
	to, err := s.Store.Targets(ctx, n.Site, n.Urgency)
	if err != nil {
		return err
	}
	if to.Webhook != nil {
		s.put(ctx, byHook, s.hook(n, *to.Webhook))
	}
	for _, d := range to.Devices {
		s.put(ctx, byPush, s.push(n, d))
	}
	return nil
}

func (s *Sender) put(ctx context.Context, way string, c call) {
	c.what = way
	select {
	case s.queue <- c:
	default:
		s.calls.WithLabelValues(way, "dropped").Inc()
		s.Logger.WarnContext(ctx, "notice dropped: too many wait", "way", way)
	}
}

// make makes a call, and has it made again later where that may help: meanwhile another one
// has its turn.
func (s *Sender) make(ctx context.Context, c call) {
	how, again, err := judge(c.try(ctx))
	if c.tried++; again && c.tried < tries && ctx.Err() == nil {
		time.AfterFunc(time.Duration(c.tried)*pauseFor, func() { s.put(ctx, c.what, c) })
		return
	}
	if how == notice.Reached {
		s.calls.WithLabelValues(c.what, "sent").Inc()
	} else {
		s.calls.WithLabelValues(c.what, "failed").Inc()
		s.Logger.WarnContext(ctx, "notice not sent", "way", c.what, "err", err)
	}
	if err := c.ended(ctx, how); err != nil {
		s.Logger.ErrorContext(ctx, "notice", "err", err)
	}
}

// judge is how a call ended, and whether another try may end otherwise.
func judge(status int, err error) (how notice.Outcome, again bool, _ error) {
	switch {
	case err != nil:
		var dns *net.DNSError
		hopeless := errors.Is(err, errInside) || errors.As(err, &dns) && dns.IsNotFound
		return notice.Failed, !hopeless, err
	case status >= 200 && status < 300:
		return notice.Reached, false, nil
	case status == http.StatusNotFound || status == http.StatusGone:
		return notice.Gone, false, errors.New("it is known no more")
	}
	return notice.Failed, status == http.StatusTooManyRequests || status >= 500, fmt.Errorf("it answers %d", status)
}

// pushed is what a browser's service worker shows.
type pushed struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Tag   string `json:"tag"`  // a later one of the same delivery stands in its place
	Path  string `json:"path"` // of the page
	Loud  bool   `json:"loud"`
}

var urgent = map[string]map[delivery.Urgency]string{
	"en": {delivery.STAT: "STAT", delivery.Urgent: "Urgent", delivery.Routine: "Routine"},
	"zh": {delivery.STAT: "抢救", delivery.Urgent: "加急", delivery.Routine: "常规"},
}

// push tells a browser.
func (s *Sender) push(n notice.Notice, d notice.Device) call {
	body, err := json.Marshal(pushed{
		Title: "Hemolift · " + urgent[d.Lang][n.Urgency], Body: n.Text(d.Lang), Tag: string(n.Delivery),
		Path: "/track/" + string(n.Delivery), Loud: n.Urgency == delivery.STAT,
	})
	return call{
		try: func(ctx context.Context) (int, error) {
			if err != nil {
				return 0, err
			}
			urgency := webpush.UrgencyNormal
			if n.Urgency == delivery.STAT {
				urgency = webpush.UrgencyHigh
			}
			res, err := webpush.SendNotificationWithContext(ctx, body, &webpush.Subscription{
				Endpoint: d.Endpoint, Keys: webpush.Keys{Auth: d.Auth, P256dh: d.P256DH},
			}, &webpush.Options{
				HTTPClient: s.client, Subscriber: s.Contact, TTL: int(pushTTL.Seconds()), Urgency: urgency,
				VAPIDPublicKey: s.Public, VAPIDPrivateKey: s.Private,
			})
			return statusOf(res, err)
		},
		ended: func(ctx context.Context, how notice.Outcome) error {
			return s.Store.Told(ctx, d.Endpoint, s.Now(), how)
		},
	}
}

// called is what a webhook is sent.
type called struct {
	Kind     notice.Kind       `json:"kind"`
	Site     network.SiteID    `json:"site"`
	Delivery delivery.ID       `json:"delivery"`
	Drone    string            `json:"drone"`
	Pad      string            `json:"pad"`
	Urgency  delivery.Urgency  `json:"urgency"`
	At       time.Time         `json:"at"`
	Text     map[string]string `json:"text"` // zh and en
}

// hook calls a hospital's webhook. Hemolift-Signature is v1= and the HMAC-SHA256, in hex, of
// the body with the webhook's secret.
func (s *Sender) hook(n notice.Notice, w notice.Webhook) call {
	body, err := json.Marshal(called{
		n.Kind, n.Site, n.Delivery, string(n.Drone), string(n.Pad), n.Urgency, n.At, map[string]string{"zh": n.Text("zh"), "en": n.Text("en")},
	})
	return call{
		try: func(ctx context.Context) (int, error) {
			if err != nil {
				return 0, err
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
			if err != nil {
				return 0, err
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Hemolift-Signature", Sign(w.Secret, body))
			return statusOf(s.client.Do(r))
		},
		ended: func(ctx context.Context, how notice.Outcome) error { return s.Store.Called(ctx, w.Site, s.Now(), how) },
	}
}

// Sign is the signature of what a webhook is sent.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// statusOf is how a call was answered; a little of the answer's body is read, so that its
// connection serves again.
func statusOf(res *http.Response, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	return res.StatusCode, nil
}
