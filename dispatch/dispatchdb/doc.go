// Package dispatchdb keeps dispatch's record in Postgres. Each writing method of
// Store is one transaction, serialised against others on what it changes by row
// locks; the constraints of the schema are the second wall, and a violation comes
// back as dispatch.ErrTaken. Log events are numbered under one advisory lock held
// to the commit, so that their order is the order of commits.
package dispatchdb
