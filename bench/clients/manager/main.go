// Command manager runs controller-runtime's cache: it syncs pods and takes a burst of events.
package main

import (
	"context"
	"log"

	gomeasure "fairlead.dev/bench/gomeasure"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	asked := gomeasure.Options()
	asked.Parse()
	ctrllog.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run := gomeasure.Begin(asked)
	config, err := clientcmd.BuildConfigFromFlags("", asked.Kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS = -1
	pods, err := cache.New(config, cache.Options{})
	if err != nil {
		log.Fatal(err)
	}
	informer, err := pods.GetInformer(ctx, &corev1.Pod{}, cache.BlockUntilSynced(false))
	if err != nil {
		log.Fatal(err)
	}
	registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { touch(run.Handler, object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) {
			touch(run.Handler, object.(*corev1.Pod))
			run.Handler.Updated()
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		if err := pods.Start(ctx); err != nil {
			log.Fatal(err)
		}
	}()
	if !toolscache.WaitForCacheSync(ctx.Done(), registration.HasSynced) {
		log.Fatal("not synced")
	}
	run.Synced()
	run.Events()
	reads(ctx, pods, run)
	run.Report()
}

func touch(handler *gomeasure.Handler, pod *corev1.Pod) {
	handler.Touch(
		func() int { return len(pod.Name) + len(pod.Namespace) },
		func() int { return len(pod.Spec.Containers[0].Image) + len(pod.Status.PodIP) },
	)
}

// reads measures the cache's own reads, which copy what they give.
func reads(ctx context.Context, pods client.Reader, run *gomeasure.Run) {
	var all corev1.PodList
	if err := pods.List(ctx, &all); err != nil || len(all.Items) == 0 {
		log.Fatal("nothing to read: ", err)
	}
	run.Note("objects", len(all.Items))
	key := client.ObjectKeyFromObject(&all.Items[0])
	team := client.MatchingLabels{"app.kubernetes.io/name": all.Items[0].Labels["app.kubernetes.io/name"]}
	all.Items = nil
	run.Note("get_cpu", gomeasure.Best(5_000, func() { _ = pods.Get(ctx, key, &corev1.Pod{}) }))
	run.Note("list_cpu", gomeasure.Best(50, func() { _ = pods.List(ctx, &corev1.PodList{}, client.InNamespace(key.Namespace)) }))
	run.Note("labels_cpu", gomeasure.Best(5, func() { _ = pods.List(ctx, &corev1.PodList{}, team) }))
}
