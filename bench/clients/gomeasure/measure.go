// Package gomeasure is what every Go client of the benchmark is asked and measures, the same way as the Python ones (measure.py).
package gomeasure

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// Asked is what a client is asked to do.
type Asked struct {
	Kubeconfig, URL, Touch, Mode, Type string
	Burst                              int
}

// Options reads the arguments that all clients share.
func Options() *Asked {
	asked := &Asked{}
	flag.StringVar(&asked.Kubeconfig, "kubeconfig", "", "the server to list and watch")
	flag.StringVar(&asked.URL, "url", "", "the benchmark server, which sends bursts")
	flag.StringVar(&asked.Touch, "touch", "metadata", "what the handler reads: nothing, metadata, or all (spec and status too)")
	flag.StringVar(&asked.Mode, "mode", "list", "list or watchlist")
	flag.StringVar(&asked.Type, "type", "protobuf", "what to ask the server for: protobuf or json")
	flag.IntVar(&asked.Burst, "burst", 0, "events to take after the sync")
	return asked
}

// MediaType is what the server is asked for.
func (a *Asked) MediaType() string {
	if a.Type == "json" {
		return "application/json"
	}
	return "application/vnd.kubernetes.protobuf"
}

// Parse reads the command line. How client-go lists is decided by its environment alone, before it is first used.
func (a *Asked) Parse() {
	flag.Parse()
	if err := os.Setenv("KUBE_FEATURE_WatchListClient", fmt.Sprint(a.Mode == "watchlist")); err != nil {
		log.Fatal(err)
	}
}

// Handler counts what a client's handler is told. Its methods are called by one goroutine at a time.
type Handler struct {
	asked   *Asked
	letters int
	updates int
	done    chan struct{}
}

// Touch reads as much of an object as was asked for.
func (h *Handler) Touch(names, rest func() int) {
	switch h.asked.Touch {
	case "metadata":
		h.letters += names()
	case "all":
		h.letters += names() + rest()
	}
}

// Updated counts one event of the burst.
func (h *Handler) Updated() {
	if h.updates++; h.updates == h.asked.Burst {
		close(h.done)
	}
}

// Run is one client's work, phase by phase.
type Run struct {
	asked   *Asked
	Handler *Handler
	result  map[string]any
	started time.Time
	before  float64
}

// Begin starts the clock of the sync.
func Begin(asked *Asked) *Run {
	handler := &Handler{asked: asked, done: make(chan struct{})}
	return &Run{asked, handler, map[string]any{"startup_cpu": used()}, time.Now(), used()}
}

func (r *Run) record(phase string) {
	r.result[phase+"_wall"] = time.Since(r.started).Seconds()
	r.result[phase+"_cpu"] = used() - r.before
}

// Synced ends the sync.
func (r *Run) Synced() {
	r.record("sync")
	r.result["process_cpu"] = used()
	r.result["sync_rss_mb"] = Memory("VmHWM")
	settled()
	r.result["after_sync_rss_mb"] = Memory("VmRSS")
}

// Events takes the burst, if there is to be one.
func (r *Run) Events() {
	if r.asked.Burst == 0 {
		return
	}
	r.started, r.before = time.Now(), used()
	post(fmt.Sprintf("%s/burst?n=%d", r.asked.URL, r.asked.Burst))
	<-r.Handler.done
	r.record("events")
	r.result["events"] = r.asked.Burst
	settled()
	r.result["steady_rss_mb"] = Memory("VmRSS")
}

// Note adds a number to what is reported.
func (r *Run) Note(name string, value any) { r.result[name] = value }

// Report prints the one line that the benchmark reads.
func (r *Run) Report() {
	r.result["peak_rss_mb"] = Memory("VmHWM")
	if err := json.NewEncoder(os.Stdout).Encode(r.result); err != nil {
		log.Fatal(err)
	}
}

// settled gives back what the collector holds, so that memory is compared at its best.
func settled() {
	runtime.GC()
	debug.FreeOSMemory()
}

// Best returns the CPU seconds of one read, the best of a few rounds.
func Best(times int, read func()) float64 {
	least := math.Inf(1)
	for range 5 {
		before := used()
		for range times {
			read()
		}
		least = min(least, (used()-before)/float64(times))
	}
	return least
}

func post(url string) {
	response, err := http.Post(url, "application/json", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		log.Fatalf("POST %s: %s", url, body)
	}
}

// Used returns the CPU seconds of this process so far, user and system.
func Used() float64 { return used() }

func used() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// Memory returns a line of /proc/self/status in MB of 10^6 bytes: VmRSS is what is held now, VmHWM the most ever; 0 without /proc.
func Memory(line string) float64 {
	text, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(text), line+":")
	var kib float64
	_, _ = fmt.Sscan(rest, &kib)
	return kib * 1024 / 1e6
}
