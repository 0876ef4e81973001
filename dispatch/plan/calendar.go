package plan

import "slices"

// calendar is one resource of a capacity: pads of a site, boxes of a kind. It holds
// how many are taken as a step function of time, without steps of equal height, so
// that what is put in and taken out leaves no trace.
type calendar struct {
	capacity int64
	at       []int64 // where the height changes, rising
	used     []int64 // from at[i] to at[i+1]; the last is 0
}

// never is later than anything that is planned.
const never = int64(1) << 60

// after is the index of the last step that begins at or before t, -1 before all.
func (c *calendar) after(t int64) int {
	low, high := 0, len(c.at)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if c.at[mid] <= t {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low - 1
}

// fit returns the first start, not before from, at which n are free for length
// seconds, or never.
func (c *calendar) fit(from, length, n int64) int64 {
	if length == 0 {
		return from // holds nothing
	}
	room := c.capacity - n
	if room < 0 {
		return never
	}
	start := from
	for i := max(0, c.after(from)); i < len(c.at); i++ {
		if c.at[i] >= start+length {
			return start
		}
		if c.used[i] > room {
			start = max(start, c.at[i+1]) // the last step is 0: there is a next one
		}
	}
	return start
}

// take holds n from from to to; a negative n gives back what was taken.
func (c *calendar) take(from, to, n int64) {
	if from >= to || n == 0 {
		return
	}
	i := c.split(from)
	j := c.split(to)
	for k := i; k < j; k++ {
		c.used[k] += n
	}
	c.join(j)
	c.join(i)
}

// split makes a step begin at t and returns its index.
func (c *calendar) split(t int64) int {
	i := c.after(t)
	if i >= 0 && c.at[i] == t {
		return i
	}
	var height int64
	if i >= 0 {
		height = c.used[i]
	}
	c.at = slices.Insert(c.at, i+1, t)
	c.used = slices.Insert(c.used, i+1, height)
	return i + 1
}

// join drops step i when it is as high as the one before.
func (c *calendar) join(i int) {
	var before int64
	if i > 0 {
		before = c.used[i-1]
	}
	if c.used[i] == before {
		c.at = slices.Delete(c.at, i, i+1)
		c.used = slices.Delete(c.used, i, i+1)
	}
}

// standing reports whether pads and boxes are free for a mission at its time.
func (o *Online) standing(n *mission) bool { return o.clear(n, n.load, n.load) == n.load }
