package plan

import "fmt"

// Hold reports which missions of a plan had better wait, as an Online dispatcher would
// hold them who had seen those requests in so many seconds before time zero: because the
// centre's charged drones, or the units that they would take, may be needed for more
// urgent requests by the forecast. The result names the requests on board. Nothing is
// held for longer than its own time in hand allows; what loads later anyway is looked at
// when its time has come.
func Hold(in *Instance, p Plan, seen []Request, beforeS int64) (map[string]bool, error) {
	o := NewOnline(in, 1, nil)
	if err := o.load(p); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	planned := len(o.p.requests)
	o.seen.before, o.now = beforeS, 0
	for _, r := range seen {
		if id, known := o.p.requestsByID[r.ID]; known {
			o.seen.see(&o.p.requests[id])
			continue
		}
		if err := o.check(0, []Request{r}); err != nil {
			return nil, fmt.Errorf("seen: %w", err)
		}
		id := o.p.add(r)
		o.admit(id)
		o.seen.see(&o.p.requests[id])
	}
	o.open = o.open[:planned]
	o.assess()
	held := map[string]bool{}
	for _, m := range o.free() {
		if m.load <= in.PackS && o.holds(m) {
			for _, r := range m.seq {
				held[o.p.requests[r].ID] = true
			}
		}
	}
	return held, nil
}
