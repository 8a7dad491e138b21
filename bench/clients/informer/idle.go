package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"slices"
	"strconv"
	"time"

	gomeasure "fairlead.dev/bench/gomeasure"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// resting syncs so many informers, each with a selector of its own, and measures what they need while nothing happens.
func resting(ctx context.Context, clients kubernetes.Interface, run *gomeasure.Run, count int, idle time.Duration) {
	synced := make([]cache.InformerSynced, 0, count)
	for number := range count {
		factory := informers.NewSharedInformerFactoryWithOptions(clients, 0,
			informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = fmt.Sprintf("bench!=%d", number) }))
		synced = append(synced, factory.Core().V1().Pods().Informer().HasSynced)
		factory.StartWithContext(ctx)
	}
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		log.Fatal("not synced")
	}
	run.Synced()
	time.Sleep(time.Second)
	before := gomeasure.Used()
	time.Sleep(idle)
	run.Note("idle_cpu", (gomeasure.Used()-before)/idle.Seconds())
}

// Sent is the annotation that says when a change was sent, in nanoseconds of the wall clock.
const sent = "bench/sent"

// ages says how long after they were sent so many changes reached the handler.
func ages(ctx context.Context, clients kubernetes.Interface, run *gomeasure.Run, count int) {
	found := make(chan float64, count)
	factory := informers.NewSharedInformerFactoryWithOptions(clients, 0, informers.WithNamespace("default"))
	registration, err := factory.Core().V1().ConfigMaps().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		UpdateFunc: func(_, object any) {
			if at, err := strconv.ParseInt(object.(*corev1.ConfigMap).Annotations[sent], 10, 64); err == nil {
				found <- time.Since(time.Unix(0, at)).Seconds()
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	factory.StartWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), registration.HasSynced) {
		log.Fatal("not synced")
	}
	fmt.Println("ready")
	all := make([]float64, 0, count)
	for range count {
		all = append(all, <-found)
	}
	slices.Sort(all)
	at := func(share float64) float64 { return all[int(math.Ceil(share*float64(count)))-1] }
	run.Note("latency_p50", at(0.5))
	run.Note("latency_p99", at(0.99))
	run.Note("latency_max", at(1))
}
