// Command informer runs client-go: it syncs a shared informer of pods and takes a burst of events (the default); it has many
// informers idle on one client (--informers); or it tells how old each change is when its handler is called (--follow).
package main

import (
	"context"
	"flag"
	"log"
	"slices"
	"strings"
	"time"

	gomeasure "fairlead.dev/bench/gomeasure"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	asked := gomeasure.Options()
	count := flag.Int("informers", 0, "informers that have nothing to do")
	idle := flag.Duration("idle", 20*time.Second, "how long they have nothing to do")
	follow := flag.Int("follow", 0, "changes of ConfigMaps to tell the age of")
	asked.Parse()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run := gomeasure.Begin(asked)
	config, err := clientcmd.BuildConfigFromFlags("", asked.Kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.ContentType, config.AcceptContentTypes = -1, asked.MediaType(), asked.MediaType()
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	switch {
	case *count > 0:
		resting(ctx, clients, run, *count, *idle)
	case *follow > 0:
		ages(ctx, clients, run, *follow)
	default:
		sync(ctx, clients, run)
	}
	run.Report()
}

func sync(ctx context.Context, clients kubernetes.Interface, run *gomeasure.Run) {
	factory := informers.NewSharedInformerFactory(clients, 0)
	informer := factory.Core().V1().Pods().Informer()
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { touch(run.Handler, object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) {
			touch(run.Handler, object.(*corev1.Pod))
			run.Handler.Updated()
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	factory.StartWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), registration.HasSynced) {
		log.Fatal("not synced")
	}
	run.Synced()
	run.Note("objects", len(informer.GetStore().ListKeys()))
	run.Events()
	if err := informer.AddIndexers(cache.Indexers{"node": func(object any) ([]string, error) {
		return []string{object.(*corev1.Pod).Spec.NodeName}, nil
	}}); err != nil {
		log.Fatal(err)
	}
	for name, seconds := range reads(factory.Core().V1().Pods().Lister(), informer.GetIndexer()) {
		run.Note(name, seconds)
	}
}

func touch(handler *gomeasure.Handler, pod *corev1.Pod) {
	handler.Touch(
		func() int { return len(pod.Name) + len(pod.Namespace) },
		func() int { return len(pod.Spec.Containers[0].Image) + len(pod.Status.PodIP) },
	)
}

// copied keeps the compiler from leaving copies out.
var copied *corev1.Pod

// reads returns the CPU seconds of one read of each kind, the best of a few rounds.
func reads(pods listers.PodLister, indexed cache.Indexer) map[string]float64 {
	all, err := pods.List(labels.Everything())
	if err != nil || len(all) == 0 {
		log.Fatal("nothing to read: ", err)
	}
	first := slices.MinFunc(all, func(a, b *corev1.Pod) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	selector := labels.SelectorFromSet(labels.Set{"app.kubernetes.io/name": first.Labels["app.kubernetes.io/name"]})
	return map[string]float64{
		"get_cpu":   gomeasure.Best(20_000, func() { _, err = pods.Pods(first.Namespace).Get(first.Name) }),
		"list_cpu":  gomeasure.Best(50, func() { _, err = pods.Pods(first.Namespace).List(labels.Everything()) }),
		"index_cpu": gomeasure.Best(2_000, func() { _, err = indexed.ByIndex("node", first.Spec.NodeName) }),
		"get_copy_cpu": gomeasure.Best(20_000, func() {
			var pod *corev1.Pod
			if pod, err = pods.Pods(first.Namespace).Get(first.Name); err == nil {
				copied = pod.DeepCopy()
			}
		}),
		"list_copy_cpu": gomeasure.Best(50, func() {
			var found []*corev1.Pod
			found, err = pods.Pods(first.Namespace).List(labels.Everything())
			for _, pod := range found {
				copied = pod.DeepCopy()
			}
		}),
		"labels_cpu": gomeasure.Best(5, func() { _, err = pods.List(selector) }),
	}
}
