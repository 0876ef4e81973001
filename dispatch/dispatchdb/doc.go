// Package dispatchdb keeps dispatch's record in Postgres, in one type a repository (DB).
//
// It decides nothing. A decision is made by the caller on a delivery.Book: books.go locks
// what it is about, always in the order requests, missions, deliveries, units, and write.go
// writes what has become of it, in one transaction. The constraints of the schema are the
// second wall, and a violation comes back as refusal.ErrTaken. Log events are numbered
// under one advisory lock held to the commit, so that their order is the order of commits.
//
// What is under way is found by indexes that hold nothing else, and a search asks only for what was
// asked (asked.go): what a statement costs follows what is under way, not what has been. past fills a
// record with years, for tests and benchmarks of that.
//
// Who changes an account locks the administrators, then the account, and is looked at again
// (account.go): what it was permitted may have ended since it asked.
//
// One server decides on a record at a time: it holds a lease (lease.go), and ends when that
// is lost.
package dispatchdb
