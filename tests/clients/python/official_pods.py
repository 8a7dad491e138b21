"""Logs, commands and a forwarded port of a pod by the official client: `kubernetes.stream`, over WebSockets.

Against the server in $KUBECONFIG; prints "ok" and exits 0 when everything was as it should be.
"""

import sys

from kubernetes import client, config
from kubernetes.stream import portforward, stream

NAME, NAMESPACE = "played", "default"
WAIT = 20


def made(core: client.CoreV1Api) -> None:
    spec = client.V1PodSpec(containers=[client.V1Container(name="main", image="nginx")])
    core.create_namespaced_pod(NAMESPACE, client.V1Pod(metadata=client.V1ObjectMeta(name=NAME), spec=spec))


def logged(core: client.CoreV1Api) -> None:
    assert core.read_namespaced_pod_log(NAME, NAMESPACE) == "one\ntwo\n"
    assert core.read_namespaced_pod_log(NAME, NAMESPACE, container="main", tail_lines=1) == "two\n"


def opened(core: client.CoreV1Api, *command: str, **options: bool):
    flags = {"stdin": False, "stdout": True, "stderr": True, "tty": False, **options}
    return stream(core.connect_get_namespaced_pod_exec, NAME, NAMESPACE, command=list(command), **flags)


def run(core: client.CoreV1Api) -> None:
    assert opened(core, "echo", "a", "b", stderr=False) == "a b\n"
    session = opened(core, "echo", "a", _preload_content=False)
    session.run_forever(timeout=WAIT)
    assert (session.read_stdout(), session.read_stderr()) == ("a\n", "to stderr\n")
    assert session.returncode == 0


def talked_with(core: client.CoreV1Api) -> None:
    session = opened(core, "sh", stdin=True, _preload_content=False)
    for word in ("hello", "ünïcode"):
        session.write_stdin(f"{word}\n")
        assert session.readline_stdout(timeout=WAIT) == f"you said {word}"
    session.write_stdin("exit\n")
    session.run_forever(timeout=WAIT)
    assert session.returncode == 3


def copied(core: client.CoreV1Api) -> None:
    data = bytes(range(256)) * 4096 * 4
    session = opened(core, "cat", stdin=True, _preload_content=False, binary=True)
    for start in range(0, len(data), 65536):
        session.write_stdin(data[start : start + 65536])
    session.close_channel(0)
    session.run_forever(timeout=WAIT)
    assert session.read_channel(1) == data


def forwarded(core: client.CoreV1Api) -> None:
    forward = portforward(core.connect_get_namespaced_pod_portforward, NAME, NAMESPACE, ports="80")
    near = forward.socket(80)
    near.settimeout(WAIT)
    with near.makefile("rwb") as file:
        for line in (b"hello\n", b"bye\n"):
            file.write(line)
            file.flush()
            assert file.readline() == line.upper()
    near.close()
    assert forward.error(80) is None


def main() -> None:
    config.load_kube_config()
    with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        made(core)
        logged(core)
        run(core)
        talked_with(core)
        copied(core)
        forwarded(core)
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
