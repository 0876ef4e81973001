// Package visit says where what is done in a context comes from: the door for people knows,
// and the log keeps it, without those between them passing it on.
package visit

import "context"

// Visit is where a request comes from; empty for the program itself.
type Visit struct {
	Session string // id of the session, if there is one
	Address string // without the port
}

type key struct{}

// With says where what is done in a context comes from.
func With(ctx context.Context, v Visit) context.Context { return context.WithValue(ctx, key{}, v) }

// Of returns where what is done in a context comes from.
func Of(ctx context.Context) Visit {
	v, _ := ctx.Value(key{}).(Visit)
	return v
}
