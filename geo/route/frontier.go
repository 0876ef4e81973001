package route

// frontier is a heap of nodes with the least rank first. It is our own because
// container/heap boxes every element, which took a third of a query's time.
type frontier []node

func (f *frontier) push(n node) {
	q := append(*f, n)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 4
		if q[up].rank <= n.rank {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = n
	*f = q
}

func (f *frontier) pop() node {
	q := *f
	top := q[0]
	last := len(q) - 1
	n := q[last]
	q = q[:last]
	*f = q
	if last == 0 {
		return top
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= last {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, last); c++ {
			if q[c].rank < q[least].rank {
				least = c
			}
		}
		if n.rank <= q[least].rank {
			break
		}
		q[i] = q[least]
		i = least
	}
	q[i] = n
	return top
}
