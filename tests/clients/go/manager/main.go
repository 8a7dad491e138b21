// A small controller on controller-runtime: for each ConfigMap labelled web=yes it keeps a Deployment that the ConfigMap owns,
// and removes a finalizer at the end; with leader election and its caches, against the server in $KUBECONFIG.
// Prints "ok" and exits 0 when everything was as it should be.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	namespace = "default"
	finalizer = "example.com/cleanup"
	sites     = 5
)

type reconciler struct{ client.Client }

func (r reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var site corev1.ConfigMap
	if err := r.Get(ctx, request.NamespacedName, &site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if site.Labels["web"] != "yes" {
		return ctrl.Result{}, nil
	}
	if !site.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(&site, finalizer) {
			return ctrl.Result{}, r.Update(ctx, &site)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(&site, finalizer) {
		if err := r.Update(ctx, &site); err != nil {
			return ctrl.Result{}, err
		}
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: site.Name, Namespace: site.Namespace}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		labels := map[string]string{"site": site.Name}
		deployment.Labels = labels
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
		deployment.Spec.Template.Labels = labels
		deployment.Spec.Template.Spec.Containers = []corev1.Container{{
			Name: "web", Image: "nginx", TerminationMessagePath: "/dev/termination-log",
			TerminationMessagePolicy: corev1.TerminationMessageReadFile, ImagePullPolicy: corev1.PullAlways,
		}}
		return controllerutil.SetControllerReference(&site, deployment, r.Scheme())
	})
	return ctrl.Result{}, err
}

func main() {
	ctrl.SetLogger(zap.New())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func run(ctx context.Context) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		LeaderElection:                true,
		LeaderElectionID:              "manager.example.com",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Owns(&appsv1.Deployment{}).
		Complete(reconciler{manager.GetClient()})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(running) }()
	direct, err := client.New(config, client.Options{})
	if err == nil {
		err = scenario(ctx, direct)
	}
	stop()
	return errors.Join(err, <-ended)
}

func eventually(ctx context.Context, what string, check func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 30*time.Second, true, check); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func scenario(ctx context.Context, direct client.Client) error {
	for i := range sites {
		site := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("site-%d", i), Namespace: namespace, Labels: map[string]string{"web": "yes"},
		}}
		if err := direct.Create(ctx, site); err != nil {
			return err
		}
	}
	all := func(ctx context.Context) (bool, error) {
		var found appsv1.DeploymentList
		err := direct.List(ctx, &found, client.InNamespace(namespace), client.HasLabels{"site"})
		return len(found.Items) == sites, err
	}
	if err := eventually(ctx, "a deployment for each site", all); err != nil {
		return err
	}
	first := client.ObjectKey{Namespace: namespace, Name: "site-0"}
	var deployment appsv1.Deployment
	if err := direct.Get(ctx, first, &deployment); err != nil {
		return err
	}
	if owner := metav1.GetControllerOf(&deployment); owner == nil || owner.Name != "site-0" {
		return fmt.Errorf("the deployment's controller is %v", owner)
	}
	if err := direct.Delete(ctx, &deployment); err != nil {
		return err
	}
	if err := eventually(ctx, "the deployment is made again", func(ctx context.Context) (bool, error) {
		var again appsv1.Deployment
		err := direct.Get(ctx, first, &again)
		return err == nil && again.UID != deployment.UID, client.IgnoreNotFound(err)
	}); err != nil {
		return err
	}
	var site corev1.ConfigMap
	if err := direct.Get(ctx, first, &site); err != nil {
		return err
	}
	if err := direct.Delete(ctx, &site); err != nil {
		return err
	}
	return eventually(ctx, "the site goes, and its deployment with it", func(ctx context.Context) (bool, error) {
		gone := apierrors.IsNotFound(direct.Get(ctx, first, &site))
		return gone && apierrors.IsNotFound(direct.Get(ctx, first, &deployment)), nil
	})
}
