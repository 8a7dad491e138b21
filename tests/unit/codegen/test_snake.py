from __future__ import annotations

import json
from importlib.resources import files

import pytest

from fairlead.machinery.snake import snake_name, wire_name

GOLDEN = {
    "$ref": "ref",
    "$schema": "schema",
    "Port": "port",
    "apiServerID": "api_server_id",
    "bootID": "boot_id",
    "clientCIDR": "client_cidr",
    "clientIP": "client_ip",
    "clusterIP": "cluster_ip",
    "clusterIPs": "cluster_ips",
    "containerID": "container_id",
    "containerPort": "container_port",
    "continue": "continue_",
    "currentCPUUtilizationPercentage": "current_cpu_utilization_percentage",
    "datasetUUID": "dataset_uuid",
    "diskURI": "disk_uri",
    "downwardAPI": "downward_api",
    "except": "except_",
    "externalID": "external_id",
    "externalIPs": "external_ips",
    "fieldsV1": "fields_v1",
    "from": "from_",
    "hostIP": "host_ip",
    "hostIPC": "host_ipc",
    "hostIPs": "host_ips",
    "hostPID": "host_pid",
    "imageID": "image_id",
    "insecureSkipTLSVerify": "insecure_skip_tls_verify",
    "loadBalancerIP": "load_balancer_ip",
    "machineID": "machine_id",
    "nodeID": "node_id",
    "nodeUID": "node_uid",
    "nonResourceURLs": "non_resource_urls",
    "not": "not_",
    "openAPIV3Schema": "open_api_v3_schema",
    "pdID": "pd_id",
    "podCIDR": "pod_cidr",
    "podCIDRs": "pod_cidrs",
    "podIP": "pod_ip",
    "podIPs": "pod_ips",
    "podUID": "pod_uid",
    "providerID": "provider_id",
    "resourceID": "resource_id",
    "scaleIO": "scale_io",
    "serverAddressByClientCIDRs": "server_address_by_client_cidrs",
    "serviceAccountUID": "service_account_uid",
    "setHostnameAsFQDN": "set_hostname_as_fqdn",
    "shareID": "share_id",
    "storagePolicyID": "storage_policy_id",
    "stubPKCS10Request": "stub_pkcs10_request",
    "systemUUID": "system_uuid",
    "targetCPUUtilizationPercentage": "target_cpu_utilization_percentage",
    "targetWWNs": "target_wwns",
    "volumeID": "volume_id",
    "x-kubernetes-embedded-resource": "x_kubernetes_embedded_resource",
    "x-kubernetes-int-or-string": "x_kubernetes_int_or_string",
    "x-kubernetes-list-map-keys": "x_kubernetes_list_map_keys",
    "x-kubernetes-list-type": "x_kubernetes_list_type",
    "x-kubernetes-map-type": "x_kubernetes_map_type",
    "x-kubernetes-preserve-unknown-fields": "x_kubernetes_preserve_unknown_fields",
    "x-kubernetes-validations": "x_kubernetes_validations",
}


def wire_names() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in files("fairlead.schemas").iterdir():
        if file.name.endswith(".json"):
            for name, schema in json.loads(file.read_text()).get("schemas", {}).items():
                found[name] = list(schema.get("properties", {}))
    return found


@pytest.mark.parametrize(("wire", "name"), GOLDEN.items())
def test_irregular_names_read_as_a_person_would_write_them(wire: str, name: str) -> None:
    assert snake_name(wire) == name


def test_no_two_fields_of_a_built_in_type_share_a_python_name() -> None:
    for definition, wires in wire_names().items():
        assert len({snake_name(wire) for wire in wires}) == len(wires), definition


def test_names_outside_the_golden_list_survive_the_way_there_and_back() -> None:
    every = {wire for wires in wire_names().values() for wire in wires}
    assert len(every) > 970
    assert {wire for wire in every if wire_name(snake_name(wire)) != wire} - set(GOLDEN) == set()
    assert all(snake_name(wire).isidentifier() for wire in every)


def test_own_names_lose_the_underscore_that_hides_a_keyword() -> None:
    assert wire_name("from_") == "from"
    assert wire_name("cron_spec") == "cronSpec"
    assert wire_name("replicas") == "replicas"
