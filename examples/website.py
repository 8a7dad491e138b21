"""A controller: for each Website it keeps a ConfigMap, a Deployment and a Service, in namespaces labelled websites=enabled.

Try it:  python examples/website.py --crd | kubectl apply -f -     (now, or later: the controller waits for it)
         python examples/website.py --kubeconfig ~/.kube/config
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
from typing import Any, TypeVar, cast

from fairlead import (
    Cached,
    Client,
    KubeConfig,
    NamespaceFilter,
    NotFound,
    ObjectKey,
    ObjectMeta,
    Resource,
    Struct,
    part,
)
from fairlead.controller import Reconciler
from fairlead.machinery.meta import LabelSelector, OwnerReference
from fairlead.models.apps.v1 import Deployment, DeploymentSpec
from fairlead.models.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSource,
    Container,
    ContainerPort,
    PodSpec,
    PodTemplateSpec,
    Service,
    ServicePort,
    ServiceSpec,
    Volume,
    VolumeMount,
)

FINALIZER = "fairlead.example.com/cleanup"
OURS = {"app.kubernetes.io/managed-by": "fairlead-websites"}

R = TypeVar("R", bound=Resource)


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
        self.enabled = NamespaceFilter(client, "websites=enabled")
        self.websites = client.delayed(Website, filter=self.enabled)  # its CRD may come later, go, and come again
        self.config_maps = client.cached(ConfigMap, labels=OURS)
        self.deployments = client.cached(Deployment, labels=OURS)
        self.services = client.cached(Service, labels=OURS)
        self.reconciler = Reconciler(client, "website", self.reconcile, workers=workers)
        self.websites.add_handler(on_event=self.reconciler.enqueue)
        to_owner = self.reconciler.enqueue_owner(Website)
        for view in self.children:
            view.add_handler(on_event=to_owner)

    @property
    def children(self) -> tuple[Cached[Any, Any], ...]:
        """The views of what belongs to Websites."""
        return self.config_maps, self.deployments, self.services

    async def reconcile(self, key: ObjectKey) -> None:
        """Make the three objects what the Website says; called for every change of any of the four."""
        site = self.websites.get(*key)
        if site is None:  # deleted, or its namespace is not (any more) ours to touch
            return
        if site.metadata.deletion_timestamp is not None:
            await self.clean_up(site)
            return
        if FINALIZER not in site.metadata.finalizers:
            site.metadata.finalizers.append(FINALIZER)
            site = await self.websites.update(site)
        await ensure(self.config_maps, page(site))
        await ensure(self.services, service(site))
        deployment = await ensure(self.deployments, server(site))
        await self.report(site, deployment)

    async def report(self, site: Website, deployment: Deployment) -> None:
        """Carry the Deployment's status into the Website's."""
        status = WebsiteStatus(
            ready=deployment.status.ready_replicas or 0,
            url=f"http://{site.name}.{site.namespace}.svc",
            observed_generation=site.metadata.generation or 0,
        )
        if site.status != status:
            site.status = status
            await self.websites.update_status(site)

    async def clean_up(self, site: Website) -> None:
        """Delete the three objects, then let the Website go."""
        if FINALIZER not in site.metadata.finalizers:
            return
        for view in self.children:
            with contextlib.suppress(NotFound):
                await view.delete(site.name, site.namespace, propagation="Background")
        site.metadata.finalizers.remove(FINALIZER)
        with contextlib.suppress(NotFound):
            await self.websites.update(site)


async def ensure(view: Cached[R, R], wanted: R) -> R:
    """Apply what we want, unless the cached object has all of it."""
    live = view.get(*wanted.key)
    if live is not None and has(live.to_dict(), wanted.to_dict()):
        return live
    return await view.apply(wanted, field_manager="fairlead-websites", force=True)


def has(live: Any, wanted: Any) -> bool:
    """Whether live JSON has everything that is wanted; what defaults and others added makes no difference."""
    if isinstance(wanted, dict):
        items = cast("dict[str, Any]", wanted).items()
        return isinstance(live, dict) and all(has(cast("dict[str, Any]", live).get(key), value) for key, value in items)
    if isinstance(wanted, list):
        lists = cast("list[Any]", live), cast("list[Any]", wanted)
        return isinstance(live, list) and len(lists[0]) == len(lists[1]) and all(map(has, *lists))
    return bool(live == wanted)


def metadata(site: Website) -> ObjectMeta:
    """What the three objects have in common: the Website owns them."""
    owner = OwnerReference(
        api_version=site.api_version,
        kind=site.kind,
        name=site.name,
        uid=site.uid,
        controller=True,
        block_owner_deletion=True,
    )
    return ObjectMeta(name=site.name, namespace=site.namespace, labels=OURS | chosen(site), owner_references=[owner])


def chosen(site: Website) -> dict[str, str]:
    """The labels by which the Service and the Deployment find their pods."""
    return {"website": site.name}


def page(site: Website) -> ConfigMap:
    """The file that is served."""
    html = f"<title>{site.spec.title}</title>\n{site.spec.html}"
    return ConfigMap(metadata=metadata(site), data={"index.html": html})


def service(site: Website) -> Service:
    """The address."""
    port = ServicePort(name="http", port=80, protocol="TCP", target_port="http")
    return Service(metadata=metadata(site), spec=ServiceSpec(selector=chosen(site), ports=[port]))


def server(site: Website) -> Deployment:
    """The servers."""
    container = Container(
        name="web",
        image=site.spec.image,
        ports=[ContainerPort(name="http", container_port=80, protocol="TCP")],
        volume_mounts=[VolumeMount(name="page", mount_path="/usr/share/nginx/html")],
    )
    volume = Volume(name="page", config_map=ConfigMapVolumeSource(name=site.name))
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels=chosen(site)), spec=PodSpec(containers=[container], volumes=[volume])
    )
    spec = DeploymentSpec(
        replicas=site.spec.replicas, selector=LabelSelector(match_labels=chosen(site)), template=template
    )
    return Deployment(metadata=metadata(site), spec=spec)


async def run(kubeconfig: str | None) -> None:
    """Run until cancelled."""
    async with Client(KubeConfig.load(kubeconfig), field_manager="fairlead-websites") as client:
        controller = WebsiteController(client)
        await client.run_and_wait()
        await controller.reconciler.run()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kubeconfig", help="else $KUBECONFIG, ~/.kube/config, or the cluster this runs in")
    parser.add_argument("--crd", action="store_true", help="print the CustomResourceDefinition and end")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    if options.crd:
        sys.stdout.write(Website.crd().to_yaml())
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(options.kubeconfig))


if __name__ == "__main__":
    main()
