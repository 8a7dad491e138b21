package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

type server struct {
	json, protobuf *encoding // nil for one that is not served
	streams        *hub
	bookmarks      time.Duration
	last           int        // the resourceVersion of the list
	events         int        // how many events a burst has at most
	making         sync.Mutex // guards the pages of both encodings
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/pods", s.pods)
	mux.HandleFunc("POST /burst", s.sendBurst)
	for path, body := range discovery {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { discover(w, r, body) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		status := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"%s is not served"}`, r.URL.Path)
		write(w, http.StatusNotFound, jsonType, []byte(status))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Some clients ask for "/version/".
		if path := strings.TrimRight(r.URL.Path, "/"); path != "" {
			r.URL.Path = path
		}
		mux.ServeHTTP(w, r)
	})
}

// discover answers with plain documents alone: who can read nothing but aggregated discovery is told so, and asks again.
func discover(w http.ResponseWriter, r *http.Request, body string) {
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "g=apidiscovery.k8s.io") && !strings.HasSuffix(accept, ","+jsonType) {
		http.Error(w, "aggregated discovery is not served", http.StatusNotAcceptable)
		return
	}
	write(w, http.StatusOK, jsonType, []byte(body))
}

func (s *server) pods(w http.ResponseWriter, r *http.Request) {
	answers := s.json
	if strings.Contains(r.Header.Get("Accept"), protobufType) {
		answers = s.protobuf
	}
	if answers == nil {
		http.Error(w, "this encoding was not prepared; see --types", http.StatusNotAcceptable)
		return
	}
	query := r.URL.Query()
	if watch, err := strconv.ParseBool(query.Get("watch")); err == nil && watch {
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
	marks := time.NewTicker(s.bookmarks)
	defer marks.Stop()
	for {
		if err := stream.Flush(); err != nil {
			return
		}
		select {
		case count := <-bursts:
			send(w, answers.burst[:min(count, len(answers.burst))])
		case <-marks.C:
			send(w, answers.mark)
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
	last := fmt.Sprintf(`{"lastResourceVersion":"%d"}`, s.last+min(count, s.events))
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

// discovery is what clients ask for before anything else. Only pods can be listed; kopf wants to know of the others.
var discovery = map[string]string{
	"/version": `{"major":"1","minor":"37","gitVersion":"v1.37.2"}`,
	"/readyz":  `ok`,
	"/api":     `{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]}`,
	"/apis": `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apiextensions.k8s.io",` +
		`"versions":[{"groupVersion":"apiextensions.k8s.io/v1","version":"v1"}],` +
		`"preferredVersion":{"groupVersion":"apiextensions.k8s.io/v1","version":"v1"}}]}`,
	"/apis/apiextensions.k8s.io/v1": `{"kind":"APIResourceList","groupVersion":"apiextensions.k8s.io/v1","resources":[` +
		`{"name":"customresourcedefinitions","singularName":"customresourcedefinition","namespaced":false,` +
		`"kind":"CustomResourceDefinition","verbs":["get","list","watch"]}]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[` +
		`{"name":"namespaces","singularName":"namespace","namespaced":false,"kind":"Namespace","verbs":["get","list","watch"]},` +
		`{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","patch","watch"],"shortNames":["po"]}]}`,
}
