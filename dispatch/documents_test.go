package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/tables"
)

// The people who decide what counts.
var (
	qin  = network.Actor{Login: "qin", Role: network.RoleQuality}
	lu   = network.Actor{Login: "lu", Role: network.RoleQuality}
	head = network.Actor{Login: "head", Role: network.RoleAdmin}
	near = network.Actor{Login: "near", Role: network.RoleQuality, Site: "SYN2"}
)

func newRulers(t *testing.T) *desk {
	d := newDesk(t)
	for _, a := range []network.Actor{qin, lu, head, near} {
		d.Signs(a, "x")
	}
	return d
}

// approves has one person propose a text and another one approve it from a time on.
func (d *desk) approves(k document.Kind, text string, from time.Time) document.Version {
	d.T.Helper()
	ctx := context.Background()
	v, err := d.ProposeDocument(ctx, qin, document.Version{Kind: k, Text: text, Reason: "validated anew"})
	if err == nil {
		err = d.DecideDocument(ctx, lu, v.ID, v.Digest(), document.Decision{Approved: true, From: from, NameZH: "鲁", NameEN: "Lu"})
	}
	if err != nil {
		d.T.Fatal(err)
	}
	return v
}

func policyText(version string, more ...string) string {
	text := strings.Replace(propose.PolicyText(), "version,,2,", "version,,"+version+",", 1)
	for i := 0; i < len(more); i += 2 {
		text = strings.Replace(text, more[i], more[i+1], 1)
	}
	return text
}

func profilesText(t *testing.T, id, was, is string) string {
	t.Helper()
	lines := strings.Split(coldchain.ProfileText(), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, id+",") {
			lines[i] = strings.Replace(line, was, is, 1)
		}
	}
	text := strings.Join(lines, "\n")
	if text == coldchain.ProfileText() {
		t.Fatalf("%s has no %s", id, was)
	}
	return text
}

func TestAPolicyCountsOnceAnotherPersonHasApprovedIt(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	r := d.Submits(order(1), "KEY-00001")
	by := func() string {
		d.plans()
		proposals, _ := d.Proposals()
		return proposals[r.ID].Policy
	}
	if got := by(); got != "2" {
		t.Fatalf("before: policy %q", got)
	}
	v, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Policy, Text: policyText("3"), Reason: "review"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		by   network.Actor
		want error
	}{
		{qin, refusal.ErrSamePerson}, {head, refusal.ErrForbidden}, {near, refusal.ErrForbidden}, {anna, refusal.ErrForbidden},
	} {
		if err := d.DecideDocument(ctx, tt.by, v.ID, v.Digest(), document.Decision{Approved: true}); !errors.Is(err, tt.want) {
			t.Errorf("%s approves: %v; want %v", tt.by.Login, err, tt.want)
		}
	}
	if err := d.DecideDocument(ctx, lu, v.ID, strings.Repeat("0", 64), document.Decision{Approved: true}); !errors.Is(err, refusal.ErrChanged) {
		t.Errorf("another text: %v", err)
	}
	if err := d.DecideDocument(ctx, lu, 99, v.Digest(), document.Decision{Approved: true}); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("no version: %v", err)
	}
	if err := d.DecideDocument(ctx, lu, v.ID, v.Digest(), document.Decision{Approved: true}); err != nil {
		t.Fatal(err)
	}
	if got := by(); got != "3" {
		t.Errorf("after: policy %q", got)
	}
	d.Restarts()
	d.Hear()
	if got := by(); got != "3" {
		t.Errorf("after a restart: policy %q", got)
	}
	all, err := d.Documents(ctx, anna)
	if err != nil || len(all) != 1 || all[0].StateIn(all) != document.InForce || all[0].Decision.By != "lu" || !all[0].TookAt.Equal(d.Now()) {
		t.Errorf("on record: %+v, %v", all, err)
	}
	var told []string
	events, err := d.DB.Log.EventsSince(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Subject == "policy_document" {
			told = append(told, e.Detail["what"]+" by "+e.Actor)
		}
	}
	if got := strings.Join(told, ", "); got != "proposed by qin, approved by lu, in_force by system" {
		t.Errorf("the log: %s", got)
	}
}

func TestAVersionCountsFromItsTime(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	later := d.Now().Add(2 * time.Hour)
	d.approves(document.Policy, policyText("3"), later)
	w := d.approves(document.Policy, policyText("4"), later.Add(time.Hour))
	if err := d.DecideDocument(ctx, qin, w.ID, w.Digest(), document.Decision{Note: "too early"}); err != nil {
		t.Fatalf("withdraw: %v", err)
	}
	state := func() document.State {
		all, err := d.Documents(ctx, qin)
		if err != nil {
			t.Fatal(err)
		}
		return all[0].StateIn(all)
	}
	d.Tick(time.Hour)
	d.plans()
	if state() != document.Approved {
		t.Errorf("an hour before: %s", state())
	}
	d.Restarts()
	d.Tick(time.Hour)
	d.plans()
	if state() != document.InForce {
		t.Errorf("at its time: %s", state())
	}
	d.Tick(2 * time.Hour)
	d.plans()
	if state() != document.InForce {
		t.Errorf("the one that was withdrawn took its place: %s", state())
	}
}

// A box is judged by what counted when it was packed, before and after a restart; the next one by
// what counts then.
func TestABoxIsJudgedByWhatCountedWhenItWasPacked(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	first := d.Loads(d.Accepts(d.Submits(order(1), "KEY-00001")), "KEY-00001")
	profile := first.Boxes[0].Profile
	d.Tick(time.Minute)
	d.approves(document.Profiles, profilesText(t, string(profile), ",flight,2,10,", ",flight,2,8,"), time.Time{})
	look := func(when string) {
		t.Helper()
		r, err := d.ColdRecord(ctx, qin, first.ID)
		if err != nil || r.Profile.HighC() != 10 {
			t.Errorf("%s: the record is by %v °C, %v", when, r.Profile.HighC(), err)
		}
		if b, ok := d.Tracker.Box(d.Now(), first.Boxes[0].Box); !ok || !b.Watched || b.Profile.HighC() != 10 {
			t.Errorf("%s: the box is watched by %v °C", when, b.Profile.HighC())
		}
		if got := d.Profiles()[profile].HighC(); got != 8 {
			t.Errorf("%s: %v °C counts", when, got)
		}
		for _, b := range d.Network().Boxes {
			if b.ID != first.Boxes[0].Box && b.Type == boxType(d.Network(), first.Boxes[0].Box) {
				if x, _ := d.Tracker.Box(d.Now(), b.ID); x.Profile.HighC() != 8 {
					t.Errorf("%s: %s stands by under %v °C", when, b.ID, x.Profile.HighC())
				}
			}
		}
	}
	look("after the change")
	d.Restarts()
	look("after a restart")
}

// blinking cannot be read some times.
type blinking struct {
	*dispatchdb.Documents
	fails int
}

func (b *blinking) Versions(ctx context.Context) ([]document.Version, error) {
	if b.fails > 0 {
		b.fails--
		return nil, errors.New("connection lost")
	}
	return b.Documents.Versions(ctx)
}

// A decision that is on record is answered as such, and counts as soon as it can be read.
func TestADecisionStandsThoughItCannotBeRead(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	store := &blinking{Documents: d.DB.Documents}
	d.With(func(p *dispatch.Parts) { p.Documents = store })
	v, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Policy, Text: policyText("3"), Reason: "review"})
	if err != nil {
		t.Fatal(err)
	}
	store.fails = 1
	if err := d.DecideDocument(ctx, lu, v.ID, v.Digest(), document.Decision{Approved: true}); err != nil {
		t.Fatalf("it is on record: %v", err)
	}
	d.Tick(time.Minute)
	d.plans()
	if all, err := d.Documents(ctx, qin); err != nil || all[0].StateIn(all) != document.InForce {
		t.Errorf("it does not count: %v", err)
	}
}

func boxType(n *network.Network, id telemetry.DeviceID) network.BoxTypeID {
	b, _ := n.Box(id)
	return b.Type
}

// What is approved for later and does not fit the network then takes no effect, and takes nothing
// down: what counted goes on.
func TestWhatDoesNotFitTakesNoEffect(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	gone := policyText("3") + "wind_max_mps,NO-SUCH,5,,,\n"
	if _, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Policy, Text: gone, Reason: "x"}); err == nil {
		t.Error("a limit of a class that there is not is proposed")
	}
	var faults tables.Faults
	none := strings.SplitAfter(coldchain.ProfileText(), "\n")[0]
	if _, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Profiles, Text: none, Reason: "x"}); !errors.As(err, &faults) {
		t.Errorf("without any profile: %v", err)
	}
	if _, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Policy, Text: policyText("3"), Reason: " "}); err == nil {
		t.Error("proposed without a reason")
	}
	// A profile that no box needs is to go in an hour; then boxes are changed to it.
	d.approves(document.Profiles, without("au-rbc"), d.Now().Add(time.Hour))
	files, version, err := d.NetworkFiles(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	was := files["boxes.csv"]
	files["boxes.csv"] = strings.Replace(was, "hemolift-rbc-2-10", "au-rbc", 1)
	if files["boxes.csv"] == was {
		t.Fatal("no box is of red cells")
	}
	if _, err := d.ChangeNetwork(ctx, head, dispatch.NetworkChange{Files: files, Version: version, Reason: "another standard"}); err != nil {
		t.Fatal(err)
	}
	d.Tick(2 * time.Hour)
	d.plans()
	all, err := d.Documents(ctx, qin)
	if err != nil || all[0].StateIn(all) != document.Approved {
		t.Errorf("it took effect: %v", err)
	}
	if why := d.Held(all[0], all); !strings.Contains(why, "au-rbc") {
		t.Errorf("nothing says why: %q", why)
	}
	if _, known := d.Profiles()["au-rbc"]; !known {
		t.Error("what counted does not go on")
	}
	// It stands in nobody's way, and never takes the place of a later one that does fit.
	d.approves(document.Policy, policyText("4"), time.Time{})
	last := d.approves(document.Profiles, profilesText(t, "au-frozen", "2026-11-01", "2026-10-01"), time.Time{})
	if files, version, err = d.NetworkFiles(ctx, head); err == nil {
		files["boxes.csv"] = was
		_, err = d.ChangeNetwork(ctx, head, dispatch.NetworkChange{Files: files, Version: version, Reason: "as before"})
	}
	if err != nil {
		t.Fatal(err)
	}
	d.Tick(time.Hour)
	d.plans()
	if all, err = d.Documents(ctx, qin); err != nil || all[0].StateIn(all) != document.Superseded || !all[0].TookAt.IsZero() ||
		document.TextInForce(all, document.Profiles) != last.Text {
		t.Errorf("it took effect after a later one: %+v, %v", all[0].StateIn(all), err)
	}
}

// What profiles say of a later day must fit the network too, now and whenever it changes.
func TestLaterDaysMustFitToo(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	line := ""
	for _, x := range strings.SplitAfter(coldchain.ProfileText(), "\n") {
		if strings.HasPrefix(x, "au-rbc,") {
			line = x
		}
	}
	day := d.Now().AddDate(0, 0, 3)
	bare := strings.Replace(strings.Replace(line, "2026-11-01", day.Format(time.DateOnly), 1), ",2,10,0.5,", ",,,0.5,", 1)
	if bare == line {
		t.Fatal("the line of au-rbc reads otherwise")
	}
	d.approves(document.Profiles, coldchain.ProfileText()+bare, time.Time{})
	files, version, err := d.NetworkFiles(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	files["boxes.csv"] = strings.Replace(files["boxes.csv"], "hemolift-rbc-2-10", "au-rbc", 1)
	_, err = d.ChangeNetwork(ctx, head, dispatch.NetworkChange{Files: files, Version: version, Reason: "another standard"})
	var field refusal.Field
	if !errors.As(err, &field) || !strings.Contains(err.Error(), "au-rbc") {
		t.Errorf("boxes are judged by a profile that has no range in three days: %v", err)
	}
	own := strings.Replace(bare, "au-rbc,", "hemolift-rbc-2-10,", 1)
	var faults tables.Faults
	if _, err := d.ProposeDocument(ctx, qin, document.Version{Kind: document.Profiles, Text: coldchain.ProfileText() + own, Reason: "x"}); !errors.As(err, &faults) {
		t.Errorf("the boxes' profile loses its range in three days: %v", err)
	}
}

// without are the built-in profiles but one.
func without(id coldchain.ProfileID) string {
	return strings.Join(slices.DeleteFunc(strings.SplitAfter(coldchain.ProfileText(), "\n"), func(line string) bool {
		return strings.HasPrefix(line, string(id)+",")
	}), "")
}

func TestMostWait(t *testing.T) {
	t.Parallel()
	d, ctx := newRulers(t), context.Background()
	var err error
	for i := range document.MaxWaiting + 1 {
		if err != nil {
			t.Fatalf("the %dth: %v", i, err)
		}
		_, err = d.ProposeDocument(ctx, qin, document.Version{Kind: document.Policy, Text: policyText(strconv.Itoa(i + 3)), Reason: "x"})
	}
	var field refusal.Field
	if !errors.As(err, &field) || field.Field != "kind" {
		t.Errorf("one too many: %v", err)
	}
	if _, err := d.ProposeDocument(ctx, qin, document.Version{
		Kind: document.Profiles, Text: profilesText(t, "hemolift-rbc-2-10", ",flight,2,10,", ",flight,2,9,"), Reason: "x",
	}); err != nil {
		t.Errorf("of the other kind: %v", err)
	}
}
