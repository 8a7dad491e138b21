"""A controller: for each Website it keeps a ConfigMap, a Deployment and a Service, in namespaces labelled websites=enabled.

Try it:  python examples/website.py --crd | kubectl apply -f -     (now, or later: the controller waits for it)
         python examples/website.py --kubeconfig ~/.kube/config
"""

import argparse
import asyncio
import contextlib
import logging
import sys

from fairlead import Client, KubeConfig, NamespaceFilter, NotFound, ObjectKey, ObjectMeta, Resource, Struct, part
from fairlead.controller import Finalizer, Reconciler, controller_reference, ensure, run
from fairlead.machinery.meta import LabelSelector
from fairlead.models.apps import v1 as apps
from fairlead.models.core import v1 as core

MANAGER = "fairlead-websites"
OURS = {"app.kubernetes.io/managed-by": MANAGER}


class WebsiteSpec(Struct):
    """What a user asks for."""

    title: str
    html: str = ""
    replicas: int = 1
    image: str = "nginx:1.29"


class WebsiteStatus(Struct):
    """What has become of it."""

    ready: int = 0
    url: str = ""
    observed_generation: int = 0


class Website(Resource, api_version="fairlead.example.com/v1", kind="Website", short_names=("web",)):
    """A page, and the servers that show it."""

    spec: WebsiteSpec = part()
    status: WebsiteStatus = part(default_factory=WebsiteStatus)


class WebsiteController:
    """Keeps three objects for each Website; knows nothing but its caches, and writes only what differs."""

    def __init__(self, client: Client, *, workers: int = 8) -> None:
        self.websites = client.delayed(Website, filter=NamespaceFilter(client, "websites=enabled"))
        self.config_maps = client.cached(core.ConfigMap, labels=OURS, keep_managed_fields=True)
        self.deployments = client.cached(apps.Deployment, labels=OURS, keep_managed_fields=True)
        self.services = client.cached(core.Service, labels=OURS, keep_managed_fields=True)
        self.children = self.config_maps, self.deployments, self.services
        self.finalizer = Finalizer(self.websites, "fairlead.example.com/cleanup", self.clean_up)
        self.reconciler = Reconciler(client, "website", self.reconcile, workers=workers)
        self.websites.add_handler(on_event=self.reconciler.enqueue)
        for view in self.children:
            view.add_handler(on_event=self.reconciler.enqueue_owner(Website))

    async def reconcile(self, key: ObjectKey) -> None:
        """Make the three objects what the Website says, and its status what they say; called for changes of any of them."""
        site = self.websites.get(*key)
        if site is None or (site := await self.finalizer.hold(site)) is None:
            return  # gone, being deleted, or in a namespace that is not (any more) ours to touch
        await ensure(self.config_maps, page(site), field_manager=MANAGER)
        await ensure(self.services, service(site), field_manager=MANAGER)
        deployment = await ensure(self.deployments, servers(site), field_manager=MANAGER)
        ready, url = deployment.status.ready_replicas or 0, f"http://{site.name}.{site.namespace}.svc"
        status = WebsiteStatus(ready=ready, url=url, observed_generation=site.metadata.generation or 0)
        if site.status != status:
            site.status = status
            await self.websites.update_status(site)

    async def clean_up(self, site: Website) -> None:
        """Delete the three objects, before the Website itself goes."""
        for view in self.children:
            with contextlib.suppress(NotFound):
                await view.delete(site.name, site.namespace, propagation="Background")


def metadata(site: Website) -> ObjectMeta:
    """What the three objects have in common: the Website owns them."""
    labels, owners = OURS | {"website": site.name}, [controller_reference(site)]
    return ObjectMeta(name=site.name, namespace=site.namespace, labels=labels, owner_references=owners)


def page(site: Website) -> core.ConfigMap:
    """The file that is served."""
    return core.ConfigMap(metadata=metadata(site), data={"index.html": f"<h1>{site.spec.title}</h1>\n{site.spec.html}"})


def service(site: Website) -> core.Service:
    """The address."""
    port = core.ServicePort(name="http", port=80, protocol="TCP", target_port="http")
    return core.Service(metadata=metadata(site), spec=core.ServiceSpec(selector={"website": site.name}, ports=[port]))


def servers(site: Website) -> apps.Deployment:
    """What answers there."""
    mount = core.VolumeMount(name="page", mount_path="/usr/share/nginx/html")
    port = core.ContainerPort(name="http", container_port=80, protocol="TCP")
    container = core.Container(name="web", image=site.spec.image, ports=[port], volume_mounts=[mount])
    volume = core.Volume(name="page", config_map=core.ConfigMapVolumeSource(name=site.name))
    pod = core.PodSpec(containers=[container], volumes=[volume])
    template = core.PodTemplateSpec(metadata=ObjectMeta(labels={"website": site.name}), spec=pod)
    selector = LabelSelector(match_labels={"website": site.name})
    spec = apps.DeploymentSpec(replicas=site.spec.replicas, selector=selector, template=template)
    return apps.Deployment(metadata=metadata(site), spec=spec)


async def main(kubeconfig: str | None) -> None:
    """Run until SIGTERM or Ctrl-C."""
    async with Client(KubeConfig.load(kubeconfig), field_manager=MANAGER) as client:
        await run(client, WebsiteController(client).reconciler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kubeconfig", help="else $KUBECONFIG, ~/.kube/config, or the cluster this runs in")
    parser.add_argument("--crd", action="store_true", help="print the CustomResourceDefinition and end")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    if options.crd:
        sys.stdout.write(Website.crd().to_yaml())
    else:
        asyncio.run(main(options.kubeconfig))
