// A small program on client-go as controllers use it: typed and dynamic informers, listers, server-side apply, events and a
// leader election, against the server in $KUBECONFIG. Prints "ok" and exits 0 when everything was as it should be.
package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const namespace = "default"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func run(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := informer(ctx, client); err != nil {
		return fmt.Errorf("informer: %w", err)
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := untyped(ctx, dynamicClient, metadataClient); err != nil {
		return fmt.Errorf("dynamic and metadata: %w", err)
	}
	if err := election(ctx, client); err != nil {
		return fmt.Errorf("leader election: %w", err)
	}
	_, err = client.Discovery().OpenAPISchema()
	return err
}

func eventually(ctx context.Context, what string, check func() bool) error {
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return check(), nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func informer(ctx context.Context, client kubernetes.Interface) error {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	configMaps := factory.Core().V1().ConfigMaps()
	var added, updated, deleted atomic.Int32
	_, err := configMaps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	})
	if err != nil {
		return err
	}
	maps := client.CoreV1().ConfigMaps(namespace)
	for i := range 3 {
		name := fmt.Sprintf("go-%d", i)
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"by": "go"}}}
		if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if err := eventually(ctx, "three adds", func() bool { return added.Load() >= 3 }); err != nil {
		return err
	}
	object, err := maps.Get(ctx, "go-0", metav1.GetOptions{})
	if err != nil {
		return err
	}
	stale := object.DeepCopy()
	object.Data = map[string]string{"x": "1"}
	if _, err := maps.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if _, err := maps.Update(ctx, stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		return fmt.Errorf("a stale update gave %v, not a conflict", err)
	}
	patch := []byte(`{"data":{"y":"2"}}`)
	if _, err := maps.Patch(ctx, "go-0", types.StrategicMergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return err
	}
	apply := applycorev1.ConfigMap("go-1", namespace).WithData(map[string]string{"applied": "yes"})
	if _, err := maps.Apply(ctx, apply, metav1.ApplyOptions{FieldManager: "go", Force: true}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "go-2", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := eventually(ctx, "three updates and a delete", func() bool {
		return updated.Load() == 3 && deleted.Load() == 1
	}); err != nil {
		return err
	}
	found, err := configMaps.Lister().ConfigMaps(namespace).List(labels.SelectorFromSet(labels.Set{"by": "go"}))
	if err != nil {
		return err
	}
	if len(found) != 2 {
		return fmt.Errorf("the lister has %d objects, not 2", len(found))
	}
	cached, err := configMaps.Lister().ConfigMaps(namespace).Get("go-0")
	if err != nil {
		return err
	}
	if cached.Data["x"] != "1" || cached.Data["y"] != "2" {
		return fmt.Errorf("the cached object has %v", cached.Data)
	}
	return nil
}

func untyped(ctx context.Context, client dynamic.Interface, partial metadata.Interface) error {
	resource := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, nil)
	informer := factory.ForResource(resource)
	informer.Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	objects, err := informer.Lister().List(labels.SelectorFromSet(labels.Set{"by": "go"}))
	if err != nil {
		return err
	}
	if len(objects) != 2 {
		return fmt.Errorf("the dynamic lister has %d objects, not 2", len(objects))
	}
	list, err := partial.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: "by=go"})
	if err != nil {
		return err
	}
	if len(list.Items) != 2 || list.Items[0].Labels["by"] != "go" {
		return fmt.Errorf("the metadata list has %d objects, not 2", len(list.Items))
	}
	return nil
}

func election(ctx context.Context, client kubernetes.Interface) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	led := make(chan struct{})
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, namespace, "go", client.CoreV1(), client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: "me"})
	if err != nil {
		return err
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 6 * time.Second, RenewDeadline: 4 * time.Second, RetryPeriod: time.Second,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(led); cancel() },
			OnStoppedLeading: func() {},
		},
	})
	<-led
	lease, err := client.CoordinationV1().Leases(namespace).Get(context.WithoutCancel(ctx), "go", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity != "" {
		return fmt.Errorf("the lease is still held by %s", *lease.Spec.HolderIdentity)
	}
	return nil
}
