package page

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/faultlist"
	"github.com/halocheck/halocheck/internal/report"
)

// faultChapter are the faults that an area's requirements show.
type faultChapter struct {
	Title  string
	Faults []faultlist.Fault
}

// showFaults lists what the fake can do wrong.
func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) {
	var chapters []faultChapter
	of := func(area string) (list []faultlist.Fault) {
		for _, f := range s.options.Faults {
			if own, _, _ := strings.Cut(f.Requirement, "."); own == area {
				list = append(list, f)
			}
		}
		return list
	}
	for _, c := range report.AreaTitles {
		if list := of(c.Area); len(list) > 0 {
			chapters = append(chapters, faultChapter{c.Title, list})
		}
	}
	if list := of(""); len(list) > 0 {
		chapters = append(chapters, faultChapter{"What only looks different", list})
	}
	s.pages.write(w, "show", chapters)
}

// startDemo checks a fake with one fault.
func (s *Server) startDemo(w http.ResponseWriter, req *http.Request) {
	name := req.PostFormValue("fault")
	r := &run{title: "A fake HaloPSA"}
	if name != "" && name != "healthy" {
		at := slices.IndexFunc(s.options.Faults, func(f faultlist.Fault) bool { return f.Name == name })
		if at < 0 {
			s.Refuse(w, http.StatusBadRequest, errors.New("there is no such fault; choose one of the list"))
			return
		}
		r.faults = []string{strings.TrimSuffix(s.options.Faults[at].Says, ".") + "."}
	} else {
		name, r.faults = "healthy", []string{"nothing; it is healthy."}
	}
	if s.options.Demo == nil || s.demos() >= maxDemos {
		s.Refuse(w, http.StatusServiceUnavailable, errBusy)
		return
	}
	err := s.replaceDemo(req.Context(), r, name)
	if err == nil {
		err = s.newRun(r)
	}
	if err == nil {
		err = r.begin("It is asked.", "", r.everything)
	}
	if err != nil {
		s.remove(r)
		s.Refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	back(w, req, r, "")
}

// replaceDemo starts a fake for a check, in the place of the one that it has.
func (s *Server) replaceDemo(ctx context.Context, r *run, fault string) error {
	demo, err := s.options.Demo(context.WithoutCancel(ctx), fault)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.demo != nil {
		r.demo.Close()
	}
	r.demo = demo
	return r.useArguments(demo.Arguments)
}

func (s *Server) demos() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		r.mu.Lock()
		if r.demo != nil {
			n++
		}
		r.mu.Unlock()
	}
	return n
}

// mend puts a healthy fake in the place of the broken one, and asks again.
func (s *Server) mend(w http.ResponseWriter, req *http.Request, r *run) {
	r.mu.Lock()
	demo, until := r.demo, r.until
	r.mu.Unlock()
	if demo == nil {
		s.Refuse(w, http.StatusConflict, errors.New("this is no fake that is still there; start it again"))
		return
	}
	r.halt(req.Context())
	err := s.replaceDemo(req.Context(), r, "healthy")
	if err == nil {
		r.mu.Lock()
		r.faults = []string{"nothing any more; it was repaired."}
		r.mu.Unlock()
		if until.IsZero() {
			err = r.begin("It is asked again.", "", r.everything)
		} else {
			err = r.watch(time.Until(until))
		}
	}
	if err != nil {
		s.Refuse(w, http.StatusConflict, err)
		return
	}
	back(w, req, r, "")
}
