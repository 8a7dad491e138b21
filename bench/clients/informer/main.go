// Command informer syncs a client-go shared informer of pods, takes a burst of events, and prints what each cost as one line of JSON.
package main

import (
	"context"
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
	"slices"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

func main() {
	url := flag.String("url", "", "the benchmark server")
	mediaType := flag.String("content-type", "application/vnd.kubernetes.protobuf", "what to ask the server for")
	touch := flag.String("touch", "metadata", "what the handler reads: metadata, or all (spec and status too)")
	burst := flag.Int("burst", 20_000, "events to take after the sync")
	flag.Parse()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	config := &rest.Config{Host: *url, QPS: -1, ContentConfig: rest.ContentConfig{ContentType: *mediaType, AcceptContentTypes: *mediaType}}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	started, usedBefore := time.Now(), used()
	factory := informers.NewSharedInformerFactory(clients, 0)
	seen := &counter{all: *touch == "all", wanted: *burst, done: make(chan struct{})}
	registration, err := factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { seen.touch(object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) { seen.update(object.(*corev1.Pod)) },
	})
	if err != nil {
		log.Fatal(err)
	}
	factory.StartWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), registration.HasSynced) {
		log.Fatal("not synced")
	}
	result := map[string]any{
		"sync_wall": time.Since(started).Seconds(), "sync_cpu": used() - usedBefore, "startup_cpu": usedBefore,
		"sync_rss_mb": peak(), "objects": len(factory.Core().V1().Pods().Informer().GetStore().ListKeys()),
	}

	started, usedBefore = time.Now(), used()
	post(fmt.Sprintf("%s/burst?n=%d", *url, *burst))
	<-seen.done
	result["events"] = *burst
	result["events_wall"] = time.Since(started).Seconds()
	result["events_cpu"] = used() - usedBefore
	result["peak_rss_mb"] = peak()
	for name, seconds := range reads(factory.Core().V1().Pods().Lister()) {
		result[name] = seconds
	}
	runtime.GC()
	debug.FreeOSMemory()
	result["steady_rss_mb"] = resident()
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

// counter is touched by one handler goroutine only; done is closed by it.
type counter struct {
	all     bool
	letters int
	updates int
	wanted  int
	done    chan struct{}
}

func (c *counter) touch(pod *corev1.Pod) {
	c.letters += len(pod.Name) + len(pod.Namespace)
	if c.all {
		c.letters += len(pod.Spec.Containers[0].Image) + len(pod.Status.PodIP)
	}
}

func (c *counter) update(pod *corev1.Pod) {
	c.touch(pod)
	if c.updates++; c.updates == c.wanted {
		close(c.done)
	}
}

// copied keeps the compiler from leaving copies out.
var copied *corev1.Pod

// reads returns the CPU seconds of one read of each kind, the best of a few rounds.
func reads(pods listers.PodLister) map[string]float64 {
	all, err := pods.List(labels.Everything())
	if err != nil || len(all) == 0 {
		log.Fatal("nothing to read: ", err)
	}
	namespace := all[0].Namespace
	name := slices.MinFunc(all, func(a, b *corev1.Pod) int { return strings.Compare(a.Namespace+a.Name, b.Namespace+b.Name) })
	selector := labels.SelectorFromSet(labels.Set{"app.kubernetes.io/name": all[0].Labels["app.kubernetes.io/name"]})
	return map[string]float64{
		"get_cpu":  best(20_000, func() { _, err = pods.Pods(name.Namespace).Get(name.Name) }),
		"list_cpu": best(50, func() { _, err = pods.Pods(namespace).List(labels.Everything()) }),
		"get_copy_cpu": best(20_000, func() {
			var pod *corev1.Pod
			if pod, err = pods.Pods(name.Namespace).Get(name.Name); err == nil {
				copied = pod.DeepCopy()
			}
		}),
		"list_copy_cpu": best(50, func() {
			var found []*corev1.Pod
			found, err = pods.Pods(namespace).List(labels.Everything())
			for _, pod := range found {
				copied = pod.DeepCopy()
			}
		}),
		"labels_cpu": best(5, func() { _, err = pods.List(selector) }),
	}
}

func best(times int, read func()) float64 {
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

// used returns the CPU seconds of this process so far, user and system.
func used() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// resident returns the memory this process holds now, in MB of 10^6 bytes; 0 where there is no /proc.
func resident() float64 {
	var size, pages float64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
			log.Fatal(err)
		}
	}
	return pages * float64(os.Getpagesize()) / 1e6
}

// peak returns the most memory this process ever held, in MB of 10^6 bytes. Linux counts in KiB.
func peak() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Maxrss) * 1024 / 1e6
}
