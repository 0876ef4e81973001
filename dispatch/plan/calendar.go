package plan

// calendar is one resource of a capacity, taken for half-open times.
type calendar struct {
	capacity int
	taken    []Interval
}

// earliest returns the first start, not before from, at which the resource is
// free for length seconds.
func (c *calendar) earliest(from, length int64) int64 {
	for range len(c.taken) + 1 { // each round passes the end of at least one taken time
		next := from
		for _, t := range c.taken {
			if t.From < from+length && from < t.To && c.busy(max(from, t.From)) >= c.capacity {
				next = max(next, t.To)
			}
		}
		if next == from {
			return from
		}
		from = next
	}
	return from
}

// busy counts what is taken at one second.
func (c *calendar) busy(at int64) int {
	n := 0
	for _, t := range c.taken {
		if t.From <= at && at < t.To {
			n++
		}
	}
	return n
}

func (c *calendar) take(from, to int64) { c.taken = append(c.taken, Interval{from, to}) }
