package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
)

// documentDesk serves those who decide what counts at a blood service.
type documentDesk struct{ layDesk }

// Profiles are those that count now. They must not be changed.
func (d documentDesk) Profiles() network.Profiles { return d.layout.Load().set.Profiles }

// Documents returns all versions of what the blood service decided, in the order in which they came.
func (d documentDesk) Documents(ctx context.Context, a network.Actor) ([]document.Version, error) {
	if err := delivery.Permit(a, delivery.OpReadDocuments); err != nil {
		return nil, err
	}
	return d.Stores.Documents.Versions(ctx)
}

// Held tells why a version that was approved does not count though its time has come: "" for others.
func (d documentDesk) Held(v document.Version, all []document.Version) string {
	now := d.Now()
	if v.StateIn(all) != document.Approved || v.Decision.From.After(now) {
		return ""
	}
	if err := v.Fits(d.layout.Load().stated, now); err != nil {
		return err.Error()
	}
	return ""
}

// CheckDocument tells what a text would change of the version in force; faults of it are tables.Faults.
func (d documentDesk) CheckDocument(ctx context.Context, a network.Actor, k document.Kind, text string) ([]network.Difference, error) {
	if err := delivery.Permit(a, delivery.OpProposeDocument, nobodys); err != nil {
		return nil, err
	}
	v := document.Version{Kind: k, Text: text, Origin: document.ByPerson}
	if err := v.Fits(d.layout.Load().stated, v.Whole(d.Now())); err != nil {
		return nil, err
	}
	all, err := d.Stores.Documents.Versions(ctx)
	return document.Differences(k, document.TextInForce(all, k), text), err
}

// ProposeDocument keeps a version that waits for somebody's decision.
func (d documentDesk) ProposeDocument(ctx context.Context, a network.Actor, v document.Version) (document.Version, error) {
	if err := delivery.Permit(a, delivery.OpProposeDocument, nobodys); err != nil {
		return v, err
	}
	v.Origin, v.By, v.At = document.ByPerson, a.Login, d.Now()
	if err := v.Fits(d.layout.Load().stated, v.Whole(v.At)); err != nil {
		return v, err
	}
	v, err := d.Stores.Documents.Propose(ctx, v, func(v document.Version, all []document.Version) (delivery.Event, error) {
		return eventOf("proposed", v, a.Login, v.At, v.Reason, all), nil
	})
	if err == nil {
		d.announce()
	}
	return v, err
}

// DecideDocument approves a version as its person saw it, or rejects it. Who proposed it cannot
// approve it. What is written stands, and counts as soon as it can be read: what keeps it, or
// another version, from its effect is logged.
func (d documentDesk) DecideDocument(ctx context.Context, a network.Actor, id int64, digest string, c document.Decision) error {
	if err := delivery.Permit(a, delivery.OpDecideDocument, nobodys); err != nil {
		return err
	}
	now := d.Now()
	c.By = a.Login
	ctx = context.WithoutCancel(ctx) // what is written counts at once, whoever asked has gone or not
	err := d.Stores.Documents.Decide(ctx, id, func(v document.Version, all []document.Version) (document.Decision, delivery.Event, error) {
		made, err := v.Decide(c, digest, all, now)
		if err == nil && made.Approved {
			err = v.Fits(d.layout.Load().stated, made.From)
		}
		what := "rejected"
		if made.Approved {
			what = "approved"
		}
		e := eventOf(what, v, a.Login, now, made.Note, all)
		if made.Approved {
			e.Detail["from"] = made.From.UTC().Format(time.RFC3339)
		}
		return made, e, err
	})
	if err != nil {
		return err
	}
	d.announce()
	d.decided.age()
	d.takeDue(ctx, d.Now())
	return nil
}

// eventOf is the event of what became of a version.
func eventOf(what string, v document.Version, by string, now time.Time, note string, all []document.Version) delivery.Event {
	detail := map[string]string{
		"what": what, "document": strconv.FormatInt(v.ID, 10), "version": v.Digest(), "reason": note,
	}
	changes := document.Differences(v.Kind, document.TextInForce(all, v.Kind), v.Text)
	return delivery.DocumentChanged(by, now, string(v.Kind)+"_document", detail, changes)
}

// readDocuments takes in what is on record.
func (d documentDesk) readDocuments(ctx context.Context) error {
	all, err := d.Stores.Documents.Versions(ctx)
	if err != nil {
		return fmt.Errorf("documents: %w", err)
	}
	sets, err := document.SetsOf(d.Sets[0], all)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if err := d.Stores.Documents.SaveProfiles(ctx, s.Profiles, d.Now()); err != nil {
			return err
		}
	}
	d.decided.take(sets, document.Due(all))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.basis++
	return nil
}

// takeDue is takeEffect for those who can do nothing about what is wrong: it is logged, once.
func (d documentDesk) takeDue(ctx context.Context, now time.Time) {
	fault, err := "", d.takeEffect(ctx, now)
	if err != nil {
		fault = err.Error()
	}
	if d.decided.isNew(fault) {
		d.Logger.ErrorContext(ctx, "what counted before goes on", "err", err)
	}
}

// takeEffect has what was approved count when its time has come. What does not fit the network any
// more stays approved, and the one before goes on.
func (d documentDesk) takeEffect(ctx context.Context, now time.Time) error {
	if d.decided.isStale() {
		if err := d.readDocuments(ctx); err != nil {
			return err
		}
	}
	took, errs := false, []error(nil)
	for _, v := range d.decided.dueBy(now) {
		check := func(v document.Version, all []document.Version, n *network.Network) (delivery.Event, error) {
			return eventOf("in_force", v, network.System.Login, now, "", all), v.Fits(n, now)
		}
		err := d.Stores.Documents.TakeEffect(ctx, v.ID, now, check)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s, version %d, does not take effect: %w", v.Kind, v.ID, err))
		}
		took = took || err == nil
	}
	if took {
		d.announce()
		d.decided.age()
		if err := d.readDocuments(ctx); err != nil {
			return err
		}
	}
	if took || !d.decided.at(now).From.Equal(d.layout.Load().set.From) {
		errs = append(errs, d.lay(ctx))
		d.rouse()
	}
	return errors.Join(errs...)
}
