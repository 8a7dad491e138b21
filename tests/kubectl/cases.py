"""The sessions. https://kubernetes.io/docs/reference/kubectl/generated/"""

from __future__ import annotations

from tests.kubectl.session import Session, run

__all__ = ["SESSIONS"]

_WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
        ports:
        - containerPort: 80
"""
_MAPS = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {app: maps}
data:
  k: v
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: b
  labels: {app: maps}
data:
  k: w
"""
_POD = """
apiVersion: v1
kind: Pod
metadata:
  name: one
  labels: {app: one}
spec:
  containers:
  - name: c
    image: busybox
    resources:
      requests: {cpu: 100m}
"""
_UNREACHABLE = """
apiVersion: v1
kind: Node
metadata:
  name: "{id}"
status:
  addresses: [{type: InternalIP, address: 127.0.0.1}]
  daemonEndpoints: {kubeletEndpoint: {Port: 1}}
---
apiVersion: v1
kind: Pod
metadata:
  name: far
spec:
  nodeName: "{id}"
  containers:
  - name: c
    image: busybox
"""
_NODE = """
apiVersion: v1
kind: Node
metadata:
  name: {id}
  labels: {kubernetes.io/hostname: {id}}
status:
  capacity: {cpu: "4", memory: 8Gi, pods: "110"}
"""
_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.{id}.example.com
spec:
  group: {id}.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wg-{id}], categories: [all-{id}]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1}
              colour: {type: string, default: red}
          status:
            type: object
            properties:
              size: {type: integer}
"""
_WIDGET = """
apiVersion: {id}.example.com/v1
kind: Widget
metadata:
  name: w
spec:
  size: 3
"""
_EDITOR = "#!/bin/sh\nsed -i 's/k: v$/k: edited/' \"$1\"\n"
_BAD_EDITOR = '#!/bin/sh\nsed -i \'s/image: busybox$/image: ""/\' "$1"\n'

_LOUD = """
apiVersion: v1
kind: Pod
metadata:
  name: loud
  labels: {app: loud}
spec:
  nodeSelector: {beta.kubernetes.io/os: linux}
  containers:
  - name: c
    image: busybox
    env: [{name: A, value: "1"}, {name: A, value: "2"}]
    ports: [{containerPort: 80}, {containerPort: 80}]
"""

SESSIONS = [
    Session(
        "what is warned of and refused",
        run("create -f loud.yaml"),
        run("apply -f loud.yaml"),
        run("create -f loud.yaml"),
        run("apply -f loud.yaml --warnings-as-errors"),
        run('patch pod loud -p {"spec":{"restartPolicy":"Never"}}'),
        run('patch pod loud --type=strategic -p {"metadata":{"labels":{"x":"y"}}}'),
        run("create service clusterip s --tcp=80:80 --clusterip=1.2.3.4"),
        run("create service loadbalancer s --tcp=0:80"),
        run("create quota q --hard=x=1"),
        run("create ingress i --rule=a/b=s:80"),
        run("create ingress i --class=c --annotation kubernetes.io/ingress.class=d --rule=a/b=s:80"),
        run("create secret docker-registry r --docker-username=u --docker-password=p --docker-email=e@x.y"),
        run("create secret generic g --type=kubernetes.io/tls --from-literal=tls.crt=x --from-literal=tls.key=y"),
        run("create priorityclass {id} --value=2000000000"),
        run("create rolebinding b --role=r --user=u --serviceaccount=x"),
        run("create job j --image=busybox --from=cronjob/none"),
        run("create configmap m --from-literal=a --from-literal=b=c"),
        run("label pod loud a b=c"),
        run("label pod loud app=other"),
        run("label pod loud app=other --overwrite --resource-version=1"),
        run("annotate pod loud a/b/c=d"),
        run("get pods -l app in (loud"),
        run("get pods -l app=other --show-labels -o name"),
        run("get pods --selector app!=other"),
        run("delete pods -l app=other --force --grace-period=0"),
        run("delete pods -l app=other"),
        files={"loud.yaml": _LOUD},
    ),
    Session(
        "last applied, and waiting for values",
        run("create -f maps.yaml"),
        run("apply set-last-applied -f maps.yaml"),
        run("apply set-last-applied -f maps.yaml --create-annotation"),
        run("apply view-last-applied cm a -o yaml"),
        run("apply -f maps.yaml"),
        run("create deployment d --image=one --replicas=2 --port=80"),
        run("set image deployment/d *=two"),
        run("set image deployment/d none=two"),
        run("wait --for=jsonpath={.spec.replicas}=2 deployment/d"),
        run("wait --for=jsonpath={.spec.replicas}=3 deployment/d --timeout=1s"),
        run("wait --for=condition=Available deployment/d --timeout=1s"),
        run("wait --for=create cm/a"),
        run("wait --for=create cm/none --timeout=1s"),
        run("rollout history deployment/d --revision=1"),
        run("rollout undo deployment/d --to-revision=7"),
        run("scale deployment/d --replicas=4 --current-replicas=9"),
        run("scale deployment/d --replicas=-1"),
        run("autoscale deployment d --max=0"),
        run("expose deployment d --port=80 --type=X"),
        run("delete deployment d --dry-run=server"),
        run("delete deployment d --cascade=foreground --wait=false"),
        run("delete cm a none"),
        files={"maps.yaml": _MAPS},
    ),
    Session(
        "apply",
        run("apply -f web.yaml"),
        run("apply -f web.yaml"),
        run("get deployment web"),
        run("get deployment web -o wide"),
        run("diff -f changed.yaml"),
        run("apply -f changed.yaml"),
        run("get deployment web -o jsonpath={.spec.replicas}:{.metadata.generation}"),
        run("apply view-last-applied deployment web -o json"),
        run("apply -f web.yaml --dry-run=server"),
        run("apply -f web.yaml --dry-run=client"),
        run("apply -f web.yaml --server-side"),
        run("apply -f changed.yaml --server-side --field-manager=other"),
        run("apply -f changed.yaml --server-side --field-manager=other --force-conflicts"),
        run("get deployment web -o yaml --show-managed-fields=false"),
        run("delete -f web.yaml"),
        run("get deployment web"),
        files={"web.yaml": _WEB, "changed.yaml": _WEB.replace("replicas: 2", "replicas: 5")},
    ),
    Session(
        "apply what is wrong",
        run("apply -f -", stdin=_WEB.replace("replicas: 2", "replicas: two")),
        run("apply -f -", stdin=_WEB.replace("replicas: 2", "replica: 2")),
        run("apply -f - --validate=false", stdin=_WEB.replace("replicas: 2", "replica: 2")),
        run("apply -f -", stdin=_WEB.replace("app: web}\n    spec", "app: other}\n    spec")),
        run("create -f -", stdin=_WEB),
        run("apply -f -", stdin="kind: Nothing\napiVersion: v1\nmetadata: {name: a}\n"),
        run("apply -f -", stdin="kind: ConfigMap\nmetadata: {name: a}\n"),
        run("apply -f -", stdin="{"),
        run("create -f -", stdin=_MAPS.replace("name: a", "name: A_b")),
    ),
    Session(
        "diff",
        run("diff -f -", stdin=_MAPS),
        run("apply -f -", stdin=_MAPS),
        run("diff -f -", stdin=_MAPS),
        run("diff -f - --server-side", stdin=_MAPS.replace("k: v", "k: changed")),
    ),
    Session(
        "get in every format",
        run("create -f -", stdin=_MAPS),
        run("get configmap"),
        run("get cm -o wide"),
        run("get cm a -o json"),
        run("get cm a -o yaml"),
        run("get cm -o name"),
        run("get cm -l app=maps --show-labels"),
        run("get cm -L app"),
        run("get cm --sort-by=.data.k -o custom-columns=N:.metadata.name,K:.data.k"),
        run("get cm -o jsonpath={range.items[*]}{.metadata.name}={.data.k};{end}"),
        run('get cm a -o go-template="{{.data.k}}"'),
        run("get cm --no-headers"),
        run("get cm a,b"),
        run("get cm/a cm/b"),
        run("get cm nothing"),
        run("get cm nothing --ignore-not-found"),
        run("get nothing"),
        run("get cm --field-selector=metadata.name=b"),
        run("get cm --field-selector=data.k=b"),
        run("get cm --chunk-size=1"),
        run("get cm --watch --request-timeout=1s"),
        run("get cm -w --request-timeout=1s -o name"),
        run("get all"),
        run("get secrets"),
    ),
    Session(
        "edit and replace",
        run("create -f -", stdin=_MAPS + "---" + _POD),
        run("edit cm a", EDITOR="./edit.sh"),
        run("edit cm a", EDITOR="true"),
        run("get cm a -o jsonpath={.data}"),
        run("edit pod one", EDITOR="./bad.sh"),
        run("replace -f maps.yaml"),
        run("replace --force -f maps.yaml"),
        run("replace -f absent.yaml"),
        run("edit cm nothing", EDITOR="./edit.sh"),
        files={
            "edit.sh": _EDITOR,
            "bad.sh": _BAD_EDITOR,
            "maps.yaml": _MAPS,
            "absent.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: absent}\n",
        },
    ),
    Session(
        "labels and annotations",
        run("create -f -", stdin=_MAPS),
        run("label cm a tier=front"),
        run("label cm a tier=front"),
        run("label cm a tier=back"),
        run("label cm a tier=back --overwrite"),
        run("label cm --all x=y"),
        run("label cm a tier-"),
        run("label cm a absent-"),
        run("label cm a 'bad key=v'"),
        run("label cm a k='bad value!'"),
        run("label cm a --list", unordered=True),
        run("annotate cm a note=hello"),
        run("annotate cm a note-"),
        run("annotate cm b note=x --dry-run=server"),
    ),
    Session(
        "patch",
        run("create -f -", stdin=_WEB),
        run('patch deployment web -p \'{"spec":{"replicas":4}}\''),
        run('patch deployment web -p \'{"spec":{"replicas":4}}\''),
        run('patch deployment web --type=merge -p \'{"spec":{"replicas":5}}\''),
        run('patch deployment web --type=json -p \'[{"op":"replace","path":"/spec/replicas","value":6}]\''),
        run('patch deployment web --type=json -p \'[{"op":"test","path":"/spec/replicas","value":1}]\''),
        run('patch deployment web --type=json -p \'[{"op":"remove","path":"/spec/nothing"}]\''),
        run(
            "patch deployment web -p "
            '\'{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}\''
        ),
        run("get deployment web -o jsonpath={.spec.template.spec.containers[*].name}"),
        run('patch deployment web --subresource=status --type=merge -p \'{"status":{"replicas":4}}\''),
        run('patch deployment web --subresource=scale --type=merge -p \'{"spec":{"replicas":1}}\''),
        run('patch deployment web -p \'{"spec":{"selector":{"matchLabels":{"app":"x"}}}}\''),
        run("patch deployment nothing -p '{}'"),
        run("patch deployment web -p 'nonsense'"),
    ),
    Session(
        "scale",
        run("create -f -", stdin=_WEB),
        run("scale deployment web --replicas=3"),
        run("scale deployment web --replicas=4 --current-replicas=9"),
        run("scale deployment/web --replicas=0"),
        run("scale deployment nothing --replicas=1"),
        run("scale deployment web --replicas=-1"),
        run("get deployment web -o jsonpath={.spec.replicas}"),
    ),
    Session(
        "rollout",
        run("create -f -", stdin=_WEB),
        run("rollout status deployment web --timeout=1s --watch=false"),
        run("rollout history deployment web"),
        run("rollout restart deployment web"),
        run("rollout pause deployment web"),
        run("rollout pause deployment web"),
        run("rollout resume deployment web"),
        run("rollout undo deployment web"),
        run("rollout history deployment web --revision=3"),
        run(
            "patch deployment web --subresource=status --type=merge -p "
            '\'{"status":{"observedGeneration":9,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2}}\''
        ),
        run("rollout status deployment web --timeout=5s"),
        run("rollout restart configmap"),
    ),
    Session(
        "set",
        run("create -f -", stdin=_WEB),
        run("set image deployment/web nginx=nginx:1.26"),
        run("set image deployment/web other=nginx:1.26"),
        run("set env deployment/web A=b"),
        run("set env deployment/web --list"),
        run("set env deployment/web A-"),
        run("set resources deployment/web --limits=cpu=200m,memory=512Mi --requests=cpu=100m"),
        run("set serviceaccount deployment/web robot"),
        run("set selector service nothing app=x"),
        run("get deployment web -o yaml"),
    ),
    Session(
        "wait and delete",
        run("create -f -", stdin=_MAPS + "---" + _POD),
        run("wait pod/one --for=condition=Ready --timeout=1s"),
        run(
            "patch pod one --subresource=status --type=merge -p "
            '\'{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}\''
        ),
        run("wait pod/one --for=condition=Ready --timeout=5s"),
        run("wait pod/one --for=jsonpath={.status.phase}=Running --timeout=5s"),
        run("wait pod/nothing --for=condition=Ready --timeout=1s"),
        run("wait cm/a --for=create --timeout=5s"),
        run("delete cm a"),
        run("wait cm/a --for=delete --timeout=5s"),
        run("delete cm a"),
        run("delete cm a --ignore-not-found"),
        run("delete cm -l app=maps"),
        run("delete cm --all"),
        run("delete pod one --wait=false"),
        run("delete pod one --grace-period=0 --force"),
        run("delete pod one --now"),
    ),
    Session(
        "delete with cascade modes",
        run("create -f -", stdin=_WEB),
        run("delete deployment web --cascade=orphan --wait=false"),
        run("get deployment web -o jsonpath={.metadata.finalizers}"),
        run("create job j --image=busybox"),
        run("delete job j --cascade=foreground --wait=false"),
        run("get job j -o jsonpath={.metadata.finalizers}"),
        run("create configmap c"),
        run("delete cm c --cascade=background"),
        run("delete cm c --dry-run=server"),
    ),
    Session(
        "create: configuration",
        run("create configmap c --from-literal=a=b --from-file=x.txt"),
        run("create configmap c"),
        run("create configmap d --from-env-file=env"),
        run("get cm c d -o yaml"),
        run("create secret generic s --from-literal=p=q"),
        run("create secret docker-registry r --docker-server=x --docker-username=u --docker-password=p"),
        run("get secrets"),
        run("get secret s r -o yaml"),
        run("create serviceaccount robot"),
        run("create token robot"),
        run("create token robot --duration=5m"),
        run("create token nothing"),
        run("create namespace {id}"),
        run("create quota q --hard=pods=5,cpu=1"),
        run("get quota q"),
        run("describe quota q"),
        run("create priorityclass {id} --value=7 --description=x"),
        run("get priorityclass {id}"),
        run("delete priorityclass {id}"),
        files={"x.txt": "hello\n", "env": "A=1\nB=2\n"},
    ),
    Session(
        "create: workloads",
        run("create deployment d --image=nginx --replicas=2 --port=80"),
        run("create job j --image=busybox -- date"),
        run('create cronjob c --image=busybox --schedule="*/1 * * * *"'),
        run('create cronjob e --image=busybox --schedule="nonsense"'),
        run("create job k --from=cronjob/c"),
        run("get deployments,jobs,cronjobs"),
        run("get deployments,jobs,cronjobs -o wide"),
        run("get deployment d -o yaml"),
        run("get job j -o yaml"),
        run("get cronjob c -o yaml"),
        run("create poddisruptionbudget p --selector=app=d --min-available=1"),
        run("get pdb"),
        run("run r --image=nginx"),
        run("run s --image=nginx --restart=Never --env=A=b --labels=x=y --dry-run=server -o yaml"),
        run("get pods"),
        run("get pods -o wide"),
        run("get pod r -o yaml"),
        run("autoscale deployment d --min=1 --max=3 --cpu=50%"),
        run("get hpa"),
        run("get hpa d -o yaml"),
    ),
    Session(
        "create: network",
        run("create deployment d --image=nginx --port=80"),
        run("expose deployment d --port=80 --target-port=8080"),
        run("expose deployment d --name=e --port=80 --type=NodePort"),
        run("create service clusterip f --tcp=5678:8080"),
        run("create service nodeport g --tcp=5678:8080"),
        run("create service loadbalancer h --tcp=5678:8080"),
        run("create service externalname i --external-name=bar.com"),
        run("create service clusterip j --clusterip=None"),
        run("get services"),
        run("get services -o wide"),
        run("get svc d -o yaml"),
        run('create ingress n --class=x --rule="foo.com/bar*=d:80,tls=s"'),
        run("get ingress"),
        run("get ingress n -o yaml"),
        run("describe service d"),
        run("describe ingress n"),
        run("delete svc --all"),
    ),
    Session(
        "create: roles",
        run("create role r --verb=get,list --resource=pods"),
        run("create rolebinding b --role=r --serviceaccount={ns}:default"),
        run("create clusterrole {id} --verb=get --resource=nodes"),
        run("create clusterrolebinding {id} --clusterrole={id} --user=bob"),
        run("get role,rolebinding"),
        run("get role,rolebinding -o wide"),
        run("describe role r"),
        run("describe rolebinding b"),
        run("get clusterrole {id} -o yaml"),
        run("get clusterrolebinding {id} -o wide"),
        run("delete clusterrole,clusterrolebinding {id}"),
        run("get clusterrole cluster-admin -o yaml"),
        run("auth reconcile -f role.yaml"),
        files={
            "role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n"
            "rules:\n- {apiGroups: [''], resources: [secrets], verbs: [get]}\n"
        },
    ),
    Session(
        "who and what",
        run("auth can-i create pods"),
        run("auth can-i '*' '*'"),
        run("auth can-i get /healthz"),
        run("auth can-i --list"),
        run("api-versions"),
        run("api-resources"),
        run("api-resources --namespaced=false -o name"),
        run("api-resources --api-group=apps -o wide"),
        run("cluster-info"),
        run("version -o yaml --client=false"),
        run("get --raw /version"),
        run("get --raw /healthz"),
        run("get --raw /api/v1/namespaces/{ns}/configmaps"),
        run("get --raw /nothing"),
        run("get namespaces -l kubernetes.io/metadata.name={ns}"),
        run("get priorityclasses"),
    ),
    Session(
        "explain",
        run("explain pod.spec.nothing"),
        run("explain nothing"),
        run("explain pods --api-version=v2"),
    ),
    Session(
        "nodes",
        run("create -f -", stdin=_NODE),
        run("get node {id}"),
        run("get node {id} -o wide"),
        run("taint nodes {id} a=b:NoSchedule"),
        run("taint nodes {id} a=b:NoSchedule"),
        run("taint nodes {id} a=b:Nonsense"),
        run("taint nodes {id} a-"),
        run("cordon {id}"),
        run("cordon {id}"),
        run("get node {id}"),
        run("create -f -", stdin=_POD.replace("spec:", "spec:\n  nodeName: {id}")),
        run("drain {id} --force --grace-period=0 --timeout=5s --disable-eviction"),
        run("get pods"),
        run("uncordon {id}"),
        run("drain nothing"),
        run("delete node {id}"),
    ),
    Session(
        "drain with a budget",
        run("create -f -", stdin=_NODE),
        run("create -f -", stdin=_POD.replace("spec:", "spec:\n  nodeName: {id}")),
        run("create poddisruptionbudget p --selector=app=one --min-available=1"),
        run(
            "patch pod one --subresource=status --type=merge -p "
            '\'{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}\''
        ),
        # Before its status has been written once, the client waits ten seconds, and ten times, for it.
        run(
            "patch pdb p --subresource=status --type=merge -p "
            '\'{"status":{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}}\''
        ),
        run("drain {id} --force --timeout=2s"),
        run("get pdb p -o wide"),
        run("delete node {id}"),
    ),
    Session(
        "kustomize and prune",
        run("kustomize ."),
        run("apply -k ."),
        run("get cm,deployment -l app=web -o name"),
        run("apply -f maps.yaml -l app=maps --prune"),
        run("apply -f one.yaml -l app=maps --prune"),
        run("get cm -l app=maps -o name"),
        run("diff -k ."),
        run("delete -k ."),
        files={
            "kustomization.yaml": "resources: [web.yaml]\nnamePrefix: pre-\nlabels:\n- pairs: {app: web}\n",
            "web.yaml": _WEB,
            "maps.yaml": _MAPS,
            "one.yaml": _MAPS.split("---")[0],
        },
    ),
    Session(
        "describe",
        run("create -f -", stdin=_MAPS + "---" + _POD + "---" + _WEB),
        run("describe cm a"),
        run("describe pod one"),
        run("describe deployment web"),
        run("describe namespace {ns}"),
        run("describe pod nothing"),
        run("events"),
        run("get events"),
        run("logs one"),
        run("logs one -c nothing"),
        run("logs nothing"),
        run("exec one -- date"),
        run("top pod"),
    ),
    Session(
        "pods whose node nobody reaches",
        run("create -f -", stdin=_UNREACHABLE),
        run('patch pod far --subresource=status -p \'{"status":{"phase":"Running"}}\''),
        run("logs far"),
        run("logs far --tail=3 --timestamps"),
        run("exec far -- date"),
        run("exec far -- date", KUBECTL_REMOTE_COMMAND_WEBSOCKETS="false"),
        run("exec far -c none -- date"),
        run("attach far"),
        run("port-forward pod/far :80"),
        run("cp far:/etc/hosts hosts"),
        run("delete node {id}"),
        run("logs far"),
        run("exec far -- date"),
    ),
    Session(
        "custom resources",
        run("create -f -", stdin=_CRD),
        run("wait crd/widgets.{id}.example.com --for=condition=Established --timeout=10s"),
        run("get widgets.{id}.example.com", until=True),
        run("get crd widgets.{id}.example.com"),
        run("apply -f -", stdin=_WIDGET),
        run("apply -f -", stdin=_WIDGET),
        run("apply -f -", stdin=_WIDGET.replace("size: 3", "size: 0")),
        run("apply -f -", stdin=_WIDGET.replace("size: 3", "size: 3\n  unknown: x")),
        run("get wg-{id}"),
        run("get wg-{id} -o wide"),
        run("get wg-{id} w -o yaml"),
        run("scale widgets.{id}.example.com/w --replicas=5"),
        run('patch wg-{id} w --type=merge -p \'{"spec":{"size":6}}\''),
        run('patch wg-{id} w -p \'{"spec":{"size":6}}\''),
        run("explain widgets.spec --api-version={id}.example.com/v1"),
        run("api-resources --api-group={id}.example.com"),
        run("describe wg-{id} w"),
        run("get all-{id}"),
        run("delete wg-{id} w"),
        run("delete crd widgets.{id}.example.com"),
    ),
    Session(
        "storage",
        run(
            "apply -f -",
            stdin="apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\n"
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
        ),
        run("get pvc"),
        run("get pvc c -o yaml"),
        run("describe pvc c"),
        run('patch pvc c -p \'{"spec":{"accessModes":["ReadWriteMany"]}}\''),
        run("delete pvc c --wait=false"),
        run("get pvc c -o jsonpath={.metadata.finalizers}"),
        run('patch pvc c -p \'{"metadata":{"finalizers":null}}\''),
    ),
]
