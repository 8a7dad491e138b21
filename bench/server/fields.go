package main

// What the two writers of an ordinary pod own. A path names one owned field; "k:" is a list item by its key.
var controllerFields = []string{
	"metadata/annotations/.", "metadata/annotations/checksum~1config", "metadata/annotations/prometheus.io~1port",
	"metadata/annotations/prometheus.io~1scrape", "metadata/generateName",
	"metadata/labels/.", "metadata/labels/app.kubernetes.io~1instance", "metadata/labels/app.kubernetes.io~1name",
	"metadata/labels/pod-template-hash", "metadata/labels/team", "metadata/ownerReferences/.",
	`metadata/ownerReferences/k:{"uid":"6f2d2f0e-77f5-4e0a-9a43-2f5a3f0f8e9b"}`,
	`spec/containers/k:{"name":"main"}/.`, `spec/containers/k:{"name":"main"}/args`, `spec/containers/k:{"name":"main"}/env/.`,
	`spec/containers/k:{"name":"main"}/env/k:{"name":"DATABASE_URL"}/.`, `spec/containers/k:{"name":"main"}/env/k:{"name":"DATABASE_URL"}/name`,
	`spec/containers/k:{"name":"main"}/env/k:{"name":"DATABASE_URL"}/value`, `spec/containers/k:{"name":"main"}/image`,
	`spec/containers/k:{"name":"main"}/imagePullPolicy`, `spec/containers/k:{"name":"main"}/livenessProbe/.`,
	`spec/containers/k:{"name":"main"}/livenessProbe/failureThreshold`, `spec/containers/k:{"name":"main"}/livenessProbe/httpGet/.`,
	`spec/containers/k:{"name":"main"}/livenessProbe/httpGet/path`, `spec/containers/k:{"name":"main"}/livenessProbe/httpGet/port`,
	`spec/containers/k:{"name":"main"}/name`, `spec/containers/k:{"name":"main"}/ports/.`,
	`spec/containers/k:{"name":"main"}/ports/k:{"containerPort":8080,"protocol":"TCP"}/.`,
	`spec/containers/k:{"name":"main"}/ports/k:{"containerPort":8080,"protocol":"TCP"}/containerPort`,
	`spec/containers/k:{"name":"main"}/resources/.`, `spec/containers/k:{"name":"main"}/resources/limits/.`,
	`spec/containers/k:{"name":"main"}/resources/limits/cpu`, `spec/containers/k:{"name":"main"}/resources/limits/memory`,
	`spec/containers/k:{"name":"main"}/securityContext/.`, `spec/containers/k:{"name":"main"}/securityContext/readOnlyRootFilesystem`,
	`spec/containers/k:{"name":"main"}/terminationMessagePath`, `spec/containers/k:{"name":"main"}/volumeMounts/.`,
	`spec/containers/k:{"name":"main"}/volumeMounts/k:{"mountPath":"~1etc~1app"}/.`,
	"spec/dnsPolicy", "spec/enableServiceLinks", "spec/restartPolicy", "spec/schedulerName", "spec/serviceAccountName",
	"spec/terminationGracePeriodSeconds", "spec/volumes/.", `spec/volumes/k:{"name":"config"}/.`, `spec/volumes/k:{"name":"config"}/name`,
}

var kubeletFields = []string{
	`status/conditions/k:{"type":"ContainersReady"}/.`, `status/conditions/k:{"type":"ContainersReady"}/lastTransitionTime`,
	`status/conditions/k:{"type":"ContainersReady"}/status`, `status/conditions/k:{"type":"ContainersReady"}/type`,
	`status/conditions/k:{"type":"Ready"}/.`, `status/conditions/k:{"type":"Ready"}/lastTransitionTime`,
	`status/conditions/k:{"type":"Ready"}/status`, `status/conditions/k:{"type":"Ready"}/type`,
	"status/containerStatuses", "status/hostIP", "status/hostIPs", "status/observedGeneration", "status/phase", "status/podIP",
	"status/podIPs/.", `status/podIPs/k:{"ip":"10.0.0.1"}/.`, `status/podIPs/k:{"ip":"10.0.0.1"}/ip`, "status/startTime",
}
