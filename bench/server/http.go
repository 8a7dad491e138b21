package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

type server struct {
	json, protobuf *encoding
	streams        *hub
	making         sync.Mutex // guards the pages of both encodings
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/pods", s.pods)
	mux.HandleFunc("POST /burst", s.sendBurst)
	for path, body := range discovery {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, jsonType, []byte(body)) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		status := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"%s is not served"}`, r.URL.Path)
		write(w, http.StatusNotFound, jsonType, []byte(status))
	})
	return mux
}

func (s *server) pods(w http.ResponseWriter, r *http.Request) {
	answers := s.json
	if strings.Contains(r.Header.Get("Accept"), protobufType) {
		answers = s.protobuf
	}
	query := r.URL.Query()
	if watch := query.Get("watch"); watch == "true" || watch == "1" {
		s.watch(w, r, answers)
		return
	}
	body := answers.list
	if limit := number(query.Get("limit")); limit > 0 {
		s.making.Lock()
		page, err := answers.page(number(query.Get("continue")), limit)
		s.making.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body = page
	}
	write(w, http.StatusOK, answers.mediaType, body)
}

func (s *server) watch(w http.ResponseWriter, r *http.Request, answers *encoding) {
	mediaType := jsonType
	if answers.mediaType == protobufType {
		mediaType = protobufType + ";stream=watch"
	}
	w.Header().Set("Content-Type", mediaType)
	bursts := s.streams.join()
	defer s.streams.leave(bursts)
	stream := http.NewResponseController(w)
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		send(w, answers.initial)
	}
	for {
		if err := stream.Flush(); err != nil {
			return
		}
		select {
		case count := <-bursts:
			send(w, answers.burst[:min(count, len(answers.burst))])
		case <-r.Context().Done():
			return
		}
	}
}

// sendBurst sends n events to every open watch. A client that cannot do two things at once may ask before it watches.
func (s *server) sendBurst(w http.ResponseWriter, r *http.Request) {
	count := number(r.URL.Query().Get("n"))
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	if err := s.streams.burst(ctx, count); err != nil {
		http.Error(w, "nobody watches: "+err.Error(), http.StatusConflict)
		return
	}
	last := fmt.Sprintf(`{"lastResourceVersion":"%d"}`, s.json.version+min(count, len(s.json.burst)))
	write(w, http.StatusOK, jsonType, []byte(last))
}

func send(w http.ResponseWriter, frames [][]byte) {
	for _, frame := range frames {
		if _, err := w.Write(frame); err != nil {
			return
		}
	}
}

func write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// hub knows the open watches.
type hub struct {
	mutex   sync.Mutex
	open    map[chan int]struct{}
	arrived chan struct{} // closed and replaced whenever a watch joins
}

func newHub() *hub { return &hub{open: map[chan int]struct{}{}, arrived: make(chan struct{})} }

func (h *hub) join() chan int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	bursts := make(chan int, 1)
	h.open[bursts] = struct{}{}
	close(h.arrived)
	h.arrived = make(chan struct{})
	return bursts
}

func (h *hub) leave(bursts chan int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.open, bursts)
}

func (h *hub) burst(ctx context.Context, count int) error {
	for {
		h.mutex.Lock()
		arrived := h.arrived
		for bursts := range h.open {
			bursts <- count
		}
		reached := len(h.open)
		h.mutex.Unlock()
		if reached > 0 {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var discovery = map[string]string{
	"/version": `{"major":"1","minor":"37","gitVersion":"v1.37.2"}`,
	"/readyz":  `ok`,
	"/api":     `{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]}`,
	"/apis":    `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,` +
		`"kind":"Pod","verbs":["get","list","watch"],"shortNames":["po"]}]}`,
}
