package team

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

// metrics are what a monitoring reads of a server. No label says whom or what was checked.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	checks   *prometheus.CounterVec
	seconds  prometheus.Histogram
	unkept   prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "halocheckd_http_requests_total", Help: "Requests that were answered."}, []string{"method", "code"}),
		checks:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "halocheckd_checks_total", Help: "Checks that are finished and kept, by outcome."}, []string{"outcome"}),
		seconds:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "halocheckd_check_seconds", Help: "How long checks took.", Buckets: []float64{1, 2, 5, 10, 20, 40, 80, 160}}),
		unkept:   prometheus.NewCounter(prometheus.CounterOpts{Name: "halocheckd_unkept_checks_total", Help: "Finished checks that the database did not take."}),
	}
	for _, outcome := range []probes.Outcome{probes.Conformant, probes.NotConformant, probes.Incomplete} {
		m.checks.WithLabelValues(string(outcome))
	}
	gauge := func(name, help string, read func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(read()) })
	}
	m.registry.MustRegister(
		m.requests, m.checks, m.seconds, m.unkept, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("halocheckd_checks_running", "Checks that are under way, watches included.", func() int { running, _ := s.page.Busy(); return running }),
		gauge("halocheckd_streams_open", "Pages that follow a check.", func() int { _, streams := s.page.Busy(); return streams }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "halocheckd_build_info", Help: "The version of this server.", ConstLabels: prometheus.Labels{"version": version.String()},
		}, func() float64 { return 1 }),
	)
	return m
}

// kept counts a check that is finished; not kept where err says why.
func (m *metrics) kept(r *report.Report, err error) {
	if err != nil {
		m.unkept.Inc()
		return
	}
	m.checks.WithLabelValues(string(r.Outcome)).Inc()
	m.seconds.Observe(time.Since(r.Started).Seconds())
}

// Metrics serves the metrics for Prometheus; it is for a listener that only the monitoring reaches.
func (s *Server) Metrics() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// observe counts and logs requests. A line has the first word of the path alone: what follows may be the word of a link.
func (s *Server) observe(next http.Handler) http.Handler {
	logged := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		began := time.Now()
		next.ServeHTTP(w, req)
		first, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		if len(first) > 16 {
			first = "…"
		}
		s.options.Log.LogAttrs(req.Context(), slog.LevelDebug, "request", slog.String("method", req.Method), slog.String("page", "/"+first), slog.Duration("took", time.Since(began).Round(time.Millisecond)))
	})
	return promhttp.InstrumentHandlerCounter(s.metrics.requests, logged)
}
