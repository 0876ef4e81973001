package web

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/notice"
	"hemolift/web/api"
)

const aAuth = "AAAAAAAAAAAAAAAAAAAAAA" // 16 bytes

// aKey is a browser's.
func aKey(t *testing.T) string {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes())
}

func TestHowOneIsToldIsOnesOwn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ward, other := d.inBrowser(desktest.Ward), d.inBrowser(desktest.Other)
	var n api.Notices
	ward.asks("GET", "/notices", nil).gives(http.StatusOK, &n)
	if given(n.PublicKey) == "" || len(n.Urgencies) != 1 || n.Urgencies[0] != api.Stat || len(n.Devices) != 0 {
		t.Fatalf("by default one is told %+v", n)
	}
	ward.asks("PUT", "/notices", api.ChosenNotices{Urgencies: []api.Urgency{api.Urgent, api.Stat}}).gives(http.StatusOK, &n)
	if len(n.Urgencies) != 2 {
		t.Errorf("chosen are %+v", n)
	}
	ward.asks("PUT", "/notices", api.ChosenNotices{Urgencies: []api.Urgency{api.Stat, api.Stat}}).refuses(http.StatusUnprocessableEntity, "urgencies[1]")
	one := api.NewNoticeDevice{Endpoint: "https://push.example.org/1", P256dh: aKey(t), Auth: aAuth, Lang: "en"}
	ward.asks("POST", "/notices/devices", one).gives(http.StatusCreated, &n)
	if len(n.Devices) != 1 {
		t.Fatalf("one is told by %+v", n.Devices)
	}
	other.asks("DELETE", "/notices/devices/"+n.Devices[0].Id, nil).refuses(http.StatusNotFound, "")

	// The same browser under another person is theirs from then on.
	other.asks("POST", "/notices/devices", one).gives(http.StatusCreated, nil)
	ward.asks("GET", "/notices", nil).gives(http.StatusOK, &n)
	if len(n.Devices) != 0 {
		t.Errorf("two are told by one browser: %+v", n.Devices)
	}
	// Ending a session from elsewhere ends it, as of a phone that was lost.
	var sessions []api.Session
	other.asks("GET", "/sessions", nil).gives(http.StatusOK, &sessions)
	elsewhere := d.inBrowser(desktest.Other)
	two := api.NewNoticeDevice{Endpoint: "https://push.example.org/2", P256dh: aKey(t), Auth: aAuth, Lang: "zh"}
	elsewhere.asks("POST", "/notices/devices", two).gives(http.StatusCreated, nil)
	other.asks("GET", "/sessions", nil).gives(http.StatusOK, &sessions)
	for _, s := range sessions {
		if !s.This {
			other.asks("DELETE", "/sessions/"+s.Id, nil).gives(http.StatusNoContent, nil)
		}
	}
	if left, err := d.DB.Notices.Devices(context.Background(), desktest.Other.Login); err != nil || len(left) != 1 {
		t.Errorf("after the other session has ended one is told by %+v, %v", left, err)
	}
	// Signing out ends it.
	other.asks("DELETE", "/session", nil).gives(http.StatusNoContent, nil)
	if left, err := d.DB.Notices.Devices(context.Background(), desktest.Other.Login); err != nil || len(left) != 0 {
		t.Errorf("after the sign-out one is told by %+v, %v", left, err)
	}
}

func TestWhatIsNoPushSubscription(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ward := d.as(desktest.Ward)
	good := api.NewNoticeDevice{Endpoint: "https://push.example.org/1", P256dh: aKey(t), Auth: aAuth, Lang: "en"}
	for field, change := range map[string]func(*api.NewNoticeDevice){
		"endpoint": func(n *api.NewNoticeDevice) { n.Endpoint = "http://push.example.org/1" },
		"p256dh":   func(n *api.NewNoticeDevice) { n.P256dh = aAuth },
		"p256dh ":  func(n *api.NewNoticeDevice) { n.P256dh = "BA" + strings.Repeat("A", 85) },
		"auth":     func(n *api.NewNoticeDevice) { n.Auth = "!" },
	} {
		bad := good
		change(&bad)
		ward.asks("POST", "/notices/devices", bad).refuses(http.StatusUnprocessableEntity, strings.TrimSpace(field))
	}
	for _, address := range []string{"https://", "https://a:b@push.example.org/", "https://push.example.org/#x", "file:///etc/passwd", "nonsense", "https://\u202e/", "https://push.example.org:99999/"} {
		bad := good
		bad.Endpoint = address
		if got := ward.asks("POST", "/notices/devices", bad).status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", address, got)
		}
	}
	for i := range notice.MostDevices {
		next := good
		next.Endpoint += strings.Repeat("x", i)
		ward.asks("POST", "/notices/devices", next).gives(http.StatusCreated, nil)
	}
	good.Endpoint += "/one-more"
	ward.asks("POST", "/notices/devices", good).refuses(http.StatusConflict, "")
}

func TestAnAdministratorSetsAWebhook(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	admin := d.as(root)
	path := "/sites/" + string(desktest.Ward.Site) + "/webhook"
	admin.asks("GET", path, nil).refuses(http.StatusNotFound, "")
	var w api.Webhook
	admin.asks("PUT", path, api.NewWebhook{Url: "https://pager.example.org/x"}).gives(http.StatusOK, &w)
	if given(w.Secret) == "" {
		t.Error("its secret is not shown")
	}
	w = api.Webhook{}
	admin.asks("GET", path, nil).gives(http.StatusOK, &w)
	if w.Secret != nil || w.Url != "https://pager.example.org/x" || w.SetBy != root.Login {
		t.Errorf("read again it is %+v", w)
	}
	admin.asks("PUT", path, api.NewWebhook{Url: "http://pager.example.org/x"}).refuses(http.StatusUnprocessableEntity, "url")
	admin.asks("PUT", "/sites/SYBC/webhook", api.NewWebhook{Url: "https://pager.example.org/x"}).refuses(http.StatusNotFound, "")
	admin.asks("DELETE", path, nil).gives(http.StatusNoContent, nil)
	admin.asks("DELETE", path, nil).refuses(http.StatusNotFound, "")
}

// A server that is set up to call nobody says so.
func TestAServerThatCallsNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.PushKey = ""
	var n api.Notices
	ward := d.as(desktest.Ward)
	ward.asks("GET", "/notices", nil).gives(http.StatusOK, &n)
	if n.PublicKey != nil {
		t.Errorf("it has the key %q", *n.PublicKey)
	}
	ward.asks("POST", "/notices/devices", api.NewNoticeDevice{Endpoint: "https://p.example.org/1", P256dh: aKey(t), Auth: aAuth, Lang: "zh"}).
		refuses(http.StatusConflict, "")
	d.as(root).asks("PUT", "/sites/"+string(desktest.Ward.Site)+"/webhook", api.NewWebhook{Url: "https://pager.example.org/x"}).
		refuses(http.StatusConflict, "")
}
