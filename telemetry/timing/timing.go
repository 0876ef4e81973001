// Package timing makes what the program shows of how long things take, all on one scale.
package timing

import "github.com/prometheus/client_golang/prometheus"

// seconds are from a millisecond to eight seconds, each twice the one before.
var seconds = prometheus.ExponentialBuckets(0.001, 2, 14)

// New is a histogram of seconds.
func New(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds})
}

// NewBy is one for each value of a label.
func NewBy(label, name, help string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, []string{label})
}
