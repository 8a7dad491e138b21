// Command kclient runs Istio's kclient: it syncs pods and takes a burst of events.
package main

import (
	"log"

	gomeasure "fairlead.dev/bench/gomeasure"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/controllers"
	"istio.io/istio/pkg/kube/kclient"
	istiolog "istio.io/istio/pkg/log"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func main() {
	asked := gomeasure.Options()
	asked.Parse()
	for _, scope := range istiolog.Scopes() {
		scope.SetOutputLevel(istiolog.ErrorLevel)
	}
	stop := make(chan struct{})
	defer close(stop)
	run := gomeasure.Begin(asked)
	config, err := kube.BuildClientConfig(asked.Kubeconfig, "")
	if err != nil {
		log.Fatal(err)
	}
	config.QPS = -1
	client, err := kube.NewClient(kube.NewClientConfigForRestConfig(config), "bench")
	if err != nil {
		log.Fatal(err)
	}
	pods := kclient.New[*corev1.Pod](client)
	pods.AddEventHandler(controllers.EventHandler[*corev1.Pod]{
		AddFunc: func(pod *corev1.Pod) { touch(run.Handler, pod) },
		UpdateFunc: func(_, pod *corev1.Pod) {
			touch(run.Handler, pod)
			run.Handler.Updated()
		},
	})
	if !client.RunAndWait(stop) || !kube.WaitForCacheSync("bench", stop, pods.HasSynced) {
		log.Fatal("not synced")
	}
	run.Synced()
	run.Events()
	all := pods.List("", labels.Everything())
	run.Note("objects", len(all))
	first := all[0]
	run.Note("get_cpu", gomeasure.Best(20_000, func() { pods.Get(first.Name, first.Namespace) }))
	run.Note("list_cpu", gomeasure.Best(50, func() { pods.List(first.Namespace, labels.Everything()) }))
	run.Report()
}

func touch(handler *gomeasure.Handler, pod *corev1.Pod) {
	handler.Touch(
		func() int { return len(pod.Name) + len(pod.Namespace) },
		func() int { return len(pod.Spec.Containers[0].Image) + len(pod.Status.PodIP) },
	)
}
