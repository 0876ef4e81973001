package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

// One person proposes a version, sees before what it changes and what is wrong with it, and
// another one approves what it saw, in a browser with the password.
func TestADocumentIsApprovedByAnotherPerson(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	qing := network.Actor{Login: "qing", Role: network.RoleQuality}
	lu := network.Actor{Login: "lu", Role: network.RoleQuality}
	d.Signs(qing, hash)
	d.Signs(lu, hash)
	text := strings.Replace(propose.PolicyText(), "version,,2,", "version,,3,", 1)
	look := func(kind, text string) (out api.DocumentProposed) {
		d.as(qing).asks("POST", "/documents", api.NewDocument{Kind: api.DocumentKind(kind), Text: text, Preview: some(true)}).gives(http.StatusOK, &out)
		return out
	}
	if got := look("policy", text); len(got.Faults) != 0 || got.Document != nil || len(got.Differences) == 0 {
		t.Errorf("a preview: %+v", got)
	}
	if got := look("policy", strings.Replace(text, "hold_back,,yes", "hold_back,,perhaps", 1)); len(got.Faults) != 1 || *got.Faults[0].Column != "hold_back" {
		t.Errorf("a preview of a fault: %+v", got)
	}
	if got := look("profiles", strings.SplitAfter(coldchain.ProfileText(), "\n")[0]); len(got.Faults) == 0 {
		t.Error("a preview without any profile tells no fault")
	}
	propose := func(by person, text, reason string) answer {
		return by.asks("POST", "/documents", api.NewDocument{Kind: "policy", Text: text, Reason: &reason})
	}
	propose(d.as(qing), text, " ").refuses(http.StatusUnprocessableEntity, "reason")
	propose(d.as(qing), "rule,of,value\nversion,,3\n", "x").refuses(http.StatusBadRequest, "text")
	propose(d.as(desktest.Anna), text, "x").refuses(http.StatusForbidden, "")
	propose(d.as(qing), strings.Repeat("字", 100_000), "x").refuses(http.StatusUnprocessableEntity, "text")
	d.as(qing).asks("POST", "/documents", `{"kind":"will","text":"x","reason":"x"}`).refuses(http.StatusUnprocessableEntity, "kind")
	var made api.DocumentProposed
	propose(d.as(qing), text, "a review").gives(http.StatusOK, &made)
	if made.Document == nil || made.Document.State != "waiting" || made.Document.By != "qing" || made.Document.Reason != "a review" {
		t.Fatalf("proposed: %+v", made.Document)
	}
	path := "/documents/" + strconv.FormatInt(made.Document.Id, 10)
	var seen api.DocumentText
	d.as(desktest.Anna).asks("GET", path, nil).gives(http.StatusOK, &seen)
	if seen.Text != text || seen.Document.Digest != made.Document.Digest {
		t.Error("it is read as another text")
	}
	d.as(desktest.Ward).asks("GET", path, nil).refuses(http.StatusForbidden, "")
	yes := api.DocumentDecision{Approved: true, Digest: seen.Document.Digest}
	past, no := yes, yes
	past.From, no.Approved = some(d.Now().Add(-time.Hour)), false
	d.as(qing).asks("POST", path+"/decision", yes).gives(http.StatusConflict, nil)
	d.as(lu).asks("POST", path+"/decision", past).refuses(http.StatusUnprocessableEntity, "from")
	d.as(lu).asks("POST", path+"/decision", no).refuses(http.StatusUnprocessableEntity, "note")
	d.as(lu).asks("POST", "/documents/999/decision", yes).gives(http.StatusNotFound, nil)
	browser := d.inBrowser(lu)
	browser.asks("POST", path+"/decision", yes).gives(http.StatusConflict, nil)
	wrong := yes
	wrong.Password = some("not the password")
	browser.asks("POST", path+"/decision", wrong).refuses(http.StatusUnprocessableEntity, "password")
	right := yes
	right.Password = some(password)
	browser.asks("POST", path+"/decision", right).gives(http.StatusOK, &seen)
	if seen.Document.State != "in_force" || seen.Document.Decision == nil || seen.Document.Decision.By != "lu" || seen.Document.TookAt == nil {
		t.Errorf("decided: %+v", seen.Document)
	}
	var list []api.Document
	d.as(desktest.Tower).asks("GET", "/documents", nil).gives(http.StatusOK, &list)
	if len(list) != 1 || list[0].State != "in_force" {
		t.Errorf("the list: %+v", list)
	}
	propose(d.as(qing), text, "again").refuses(http.StatusUnprocessableEntity, "text")
}
