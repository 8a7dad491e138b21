package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

var (
	epoch = time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC)
	teams = []string{"payments", "search", "catalogue", "identity", "shipping", "billing", "frontend", "analytics"}
	zones = []string{"a", "b", "c"}
)

// makePods returns the pods of the list from one place up to another.
func makePods(start, end int) []*corev1.Pod {
	pods := make([]*corev1.Pod, 0, end-start)
	for place := start; place < end; place++ {
		pods = append(pods, makePod(place, place+1))
	}
	return pods
}

// makePod returns the pod at a place in the list: the same for the same place in every run, and no two alike. Its JSON is about
// 5.8 KB, a third of it managed fields, as pods of a Deployment are in a real cluster.
func makePod(place int, version int) *corev1.Pod {
	random := rand.New(rand.NewPCG(uint64(place), 37))
	team := teams[random.IntN(len(teams))]
	app := fmt.Sprintf("%s-%s-%d", team, []string{"api", "worker", "cache", "gateway"}[random.IntN(4)], random.IntN(40))
	hash := word(random, 10)
	name := fmt.Sprintf("%s-%s-%s", app, hash, word(random, 5))
	created := epoch.Add(time.Duration(random.IntN(3_000_000)) * time.Second)
	node := fmt.Sprintf("node-%s-%03d.cluster.example", zones[random.IntN(3)], random.IntN(400))
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:              fmt.Sprintf("%s-%d", name, place),
			GenerateName:      fmt.Sprintf("%s-%s-", app, hash),
			Namespace:         fmt.Sprintf("%s-%02d", team, random.IntN(12)),
			UID:               types.UID(uuid(random)),
			ResourceVersion:   fmt.Sprint(version),
			Generation:        1,
			CreationTimestamp: metav1.NewTime(created),
			Labels: map[string]string{
				"app.kubernetes.io/name": app, "app.kubernetes.io/instance": app + "-" + zones[random.IntN(3)],
				"app.kubernetes.io/managed-by": "deployer", "team": team, "pod-template-hash": hash,
			},
			Annotations: map[string]string{
				"checksum/config":      word(random, 64),
				"prometheus.io/scrape": "true", "prometheus.io/port": fmt.Sprint(9000 + random.IntN(100)),
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app + "-" + hash, UID: types.UID(uuid(random)),
				Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
			}},
			ManagedFields: managedFields(created),
		},
		Spec:   podSpec(random, app, node),
		Status: podStatus(random, app, created),
	}
}

func podSpec(random *rand.Rand, app, node string) corev1.PodSpec {
	token := "kube-api-access-" + word(random, 5)
	mounts := []corev1.VolumeMount{
		{Name: "config", MountPath: "/etc/" + app, ReadOnly: true},
		{Name: token, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
	}
	return corev1.PodSpec{
		Containers: []corev1.Container{container(random, app, mounts)},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
				LocalObjectReference: corev1.LocalObjectReference{Name: app}, DefaultMode: ptr.To[int32](0o644),
			}}},
			tokenVolume(token),
		},
		NodeName: node, ServiceAccountName: app, DeprecatedServiceAccount: app, SchedulerName: "default-scheduler",
		RestartPolicy: corev1.RestartPolicyAlways, DNSPolicy: corev1.DNSClusterFirst,
		TerminationGracePeriodSeconds: ptr.To[int64](30 + int64(random.IntN(60))),
		SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: ptr.To(true), FSGroup: ptr.To[int64](2000)},
		Priority:                      ptr.To[int32](0), EnableServiceLinks: ptr.To(true), PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority),
		Tolerations: []corev1.Toleration{
			{Key: "node.kubernetes.io/not-ready", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr.To[int64](300)},
			{Key: "node.kubernetes.io/unreachable", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr.To[int64](300)},
		},
	}
}

func container(random *rand.Rand, app string, mounts []corev1.VolumeMount) corev1.Container {
	probe := &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Path: "/healthz", Port: intstr.FromString("http"), Scheme: corev1.URISchemeHTTP,
		}},
		TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3,
	}
	cpu := resource.MustParse(fmt.Sprintf("%dm", 100+50*random.IntN(10)))
	memory := resource.MustParse(fmt.Sprintf("%dMi", 128<<random.IntN(4)))
	return corev1.Container{
		Name:  "main",
		Image: fmt.Sprintf("images.example/%s:v%d.%d.%d", app, random.IntN(4), random.IntN(30), random.IntN(10)),
		Args:  []string{"--listen=:8080", "--config=/etc/" + app + "/config.yaml", "--log-level=info"},
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
		Env: []corev1.EnvVar{
			{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.name"}}},
			{Name: "DATABASE_URL", Value: "postgres://" + app + ".data.svc:5432/" + app},
		},
		Resources: corev1.ResourceRequirements{
			Limits:   corev1.ResourceList{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory},
			Requests: corev1.ResourceList{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory},
		},
		VolumeMounts: mounts, LivenessProbe: probe,
		TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		ImagePullPolicy: corev1.PullIfNotPresent,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true),
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

func tokenVolume(name string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: ptr.To[int32](0o644),
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: ptr.To[int64](3607), Path: "token"}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
		},
	}}}
}

func podStatus(random *rand.Rand, app string, created time.Time) corev1.PodStatus {
	address := fmt.Sprintf("10.%d.%d.%d", random.IntN(200), random.IntN(250), 1+random.IntN(250))
	host := fmt.Sprintf("192.168.%d.%d", random.IntN(250), 1+random.IntN(250))
	started := metav1.NewTime(created.Add(2 * time.Second))
	var conditions []corev1.PodCondition
	for _, kind := range []corev1.PodConditionType{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"} {
		conditions = append(conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: started})
	}
	return corev1.PodStatus{
		ObservedGeneration: 1, Phase: corev1.PodRunning, Conditions: conditions, QOSClass: corev1.PodQOSGuaranteed,
		HostIP: host, HostIPs: []corev1.HostIP{{IP: host}}, PodIP: address, PodIPs: []corev1.PodIP{{IP: address}}, StartTime: &started,
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: "main", Ready: true, Started: ptr.To(true), RestartCount: int32(random.IntN(5)),
			State:       corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
			Image:       "images.example/" + app,
			ImageID:     "images.example/" + app + "@sha256:" + word(random, 64),
			ContainerID: "containerd://" + word(random, 64),
		}},
	}
}

func managedFields(created time.Time) []metav1.ManagedFieldsEntry {
	entry := func(manager, subresource string, paths []string) metav1.ManagedFieldsEntry {
		at := metav1.NewTime(created)
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &at,
			FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fieldSet(paths)), Subresource: subresource,
		}
	}
	return []metav1.ManagedFieldsEntry{
		entry("kube-controller-manager", "", controllerFields),
		entry("kubelet", "status", kubeletFields),
	}
}

// fieldSet writes paths such as "a/b/c" as a FieldsV1 document; "~1" is a slash within a name. Neighbours share their beginnings.
func fieldSet(paths []string) string {
	var out strings.Builder
	writeFieldSet(&out, paths)
	return out.String()
}

func writeFieldSet(out *strings.Builder, paths []string) {
	out.WriteByte('{')
	for i := 0; i < len(paths); {
		head, _, _ := strings.Cut(paths[i], "/")
		var below []string
		for ; i < len(paths); i++ {
			first, rest, deeper := strings.Cut(paths[i], "/")
			if first != head {
				break
			}
			if deeper {
				below = append(below, rest)
			}
		}
		fmt.Fprintf(out, "%q:", key(head))
		writeFieldSet(out, below)
		if i < len(paths) {
			out.WriteByte(',')
		}
	}
	out.WriteByte('}')
}

func key(name string) string {
	name = strings.ReplaceAll(name, "~1", "/")
	if name == "." || strings.HasPrefix(name, "k:") {
		return name
	}
	return "f:" + name
}

func word(random *rand.Rand, length int) string {
	letters := make([]byte, length)
	for i := range letters {
		letters[i] = "bcdfghjklmnpqrstvwxz2456789"[random.IntN(27)]
	}
	return string(letters)
}

func uuid(random *rand.Rand) string {
	high, low := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", high>>32, high>>16&0xffff, high&0xfff, low>>52, low&0xffffffffffff)
}
