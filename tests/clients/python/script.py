"""What `fairlead serve` is told of containers, for the programs here: `--script`."""


async def shell(call):
    if call.command[0] == "cat":
        call.stdout.write(await call.stdin.read())
        return 0
    if call.command[0] == "echo":
        call.stdout.write(" ".join(call.command[1:]) + "\n")
        call.stderr.write("to stderr\n")
        return 0
    while line := await call.stdin.readline():
        if line == b"exit\n":
            return 3
        call.stdout.write(b"you said " + line)
    return 0


async def upper(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
        if line == b"bye\n":
            return


def configure(server):
    server.pods.logs("played", "default", ["one", "two"])
    server.pods.on_exec(shell, name="played")
    server.pods.on_port_forward(80, upper, name="played")
