package page

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/safetext"
)

// event is a change of a check's page. Its number is what a browser names when it comes back after a broken connection.
type event struct {
	seq  int
	kind string // rows: parts of the page are new; reload: the whole page is
	data string // JSON on one line
}

// Feed are the changes of a page since it was last new as a whole. The zero value is ready.
type Feed struct {
	mu      sync.Mutex
	seq     int
	events  []event
	changed chan struct{} // closed at the next change
	over    bool
}

// part is a piece of the page: HTML that takes the place of the element of that id, or follows another.
type part struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"` // where the element is not there yet
	HTML  string `json:"html"`
}

func (f *Feed) send(kind string, data any) {
	text, err := safetext.JSON(data, "")
	if err != nil {
		return // strings alone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	if kind == "reload" {
		f.events = nil // what came before is in the new page
	}
	f.events = append(f.events, event{f.seq, kind, string(text[:len(text)-1])})
	f.wake()
}

// Reload says that the page is another one.
func (f *Feed) Reload() { f.send("reload", struct{}{}) }

// end ends every stream.
func (f *Feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	f.wake()
}

func (f *Feed) wake() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// At is the number of the last event.
func (f *Feed) At() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seq
}

// since are the events after a number, what is closed at the next one, and whether there will be none.
func (f *Feed) since(seq int) (events []event, changed <-chan struct{}, over bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.seq > seq {
			events = append(events, e)
		}
	}
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return events, f.changed, f.over
}

// heartbeat keeps a silent stream open, and finds out that nobody listens.
const heartbeat = 15 * time.Second

func (s *Server) streamEvents(w http.ResponseWriter, req *http.Request, r *run) {
	s.Stream(w, req, &r.feed)
}

// Stream sends the changes of a page since the one that the browser has.
func (s *Server) Stream(w http.ResponseWriter, req *http.Request, f *Feed) {
	if !s.EnterStream() {
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer s.LeaveStream()
	seq, err := strconv.Atoi(req.Header.Get("Last-Event-ID"))
	if err != nil {
		seq, _ = strconv.Atoi(req.FormValue("after")) // none: from the beginning
	}
	if seq > f.At() { // of another server's life
		seq = 0
	}
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	text := "retry: 500\n\n"
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		events, changed, over := f.since(seq)
		for _, e := range events {
			text += fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.seq, e.kind, e.data)
			seq = e.seq
		}
		if text != "" {
			_ = control.SetWriteDeadline(time.Now().Add(heartbeat)) // a recorder of tests has none
			if _, err := w.Write([]byte(text)); err != nil || control.Flush() != nil {
				return
			}
		}
		if over {
			return
		}
		text = ""
		select {
		case <-changed:
		case <-tick.C:
			text = ": still here\n\n"
		case <-req.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// EnterStream counts a stream that begins; false: there are too many.
func (s *Server) EnterStream() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams >= maxStreams {
		return false
	}
	s.streams++
	return true
}

// LeaveStream counts a stream that is over.
func (s *Server) LeaveStream() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams--
}
