"""Act as a debugtalk.bin: a program that speaks go-plugin's protocol, as fungo 0.5.5 does.

It is copied to a file of that name, with an interpreter in its first line. FAKE_MODE chooses what
is wrong with its start. As in Go, what functions print on stdout goes through StreamStdio, and
blocks unless somebody reads it.
"""

import json
import os
import queue
import socket
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import grpc

PRINTED = queue.Queue(maxsize=1)
MODE = os.environ.get("FAKE_MODE", "")


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number, value):
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def fields(message):
    at, found = 0, {}
    while at < len(message):
        number, at, length, shift = message[at] >> 3, at + 1, 0, 0
        while True:
            byte, at = message[at], at + 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        found[number] = message[at : at + length]
        at += length
    return found


def panic(text):
    os.write(2, f"panic: {text}\n\ngoroutine 1 [running]:\n".encode())
    os._exit(2)


def abort(name, text):
    raise grpc.RpcError(name, text)


def nothing():
    """Return nothing."""


def work(seconds):
    time.sleep(seconds)
    return seconds


def show(text):
    PRINTED.put(field(2, text.encode() + b"\n"))
    return text


FUNCTIONS = {
    "SumTwoInt": lambda a, b: int(a) + int(b),
    "Echo": lambda value: value,
    "Pid": os.getpid,
    "Parent": os.getppid,
    "Getenv": os.environ.get,
    "Nap": work,
    "Nothing": nothing,
    "Print": show,
    "PrintError": lambda text: os.write(2, text.encode() + b"\n"),
    "Panic": panic,
    "Exit": os._exit,
    "Abort": abort,
    "Long": "x".__mul__,
    "Raw": lambda text: text,
    "Bind": lambda: [name for name in os.listdir(tempfile.gettempdir()) if "plugin" in name],
}
FUNCTIONS |= {name.lower().replace("_", ""): function for name, function in FUNCTIONS.items()}


def call(request, context):
    os.write(2, b"[DEBUG] fungo: gRPC_server Call() start\n")
    message = fields(request)
    name = message[1].decode()
    try:
        value = FUNCTIONS[name](*json.loads(message[2]))
    except grpc.RpcError as error:
        context.abort(getattr(grpc.StatusCode, error.args[0]), error.args[1])
    except Exception as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    return field(1, (value if name == "Raw" else json.dumps(value)).encode())


def names(request, context):
    return b"\xff\xff" if MODE == "bad_names" else b"".join(field(1, n.encode()) for n in FUNCTIONS)


def printed(request, context):
    while context.is_active():
        try:
            yield b"\x08\x01" + PRINTED.get(timeout=0.1)
        except queue.Empty:
            continue


def shutdown(request, context):
    threading.Timer(0.01, os._exit, [0]).start()
    return b""


def serve(server):
    services = {
        "proto.DebugTalk": {"GetNames": names, "Call": call},
        "plugin.GRPCController": {"Shutdown": shutdown},
    }
    if MODE == "other_service":
        del services["proto.DebugTalk"]
    for service, methods in services.items():
        handlers = {name: grpc.unary_unary_rpc_method_handler(f) for name, f in methods.items()}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    stdio = {"StreamStdio": grpc.unary_stream_rpc_method_handler(printed)}
    if MODE != "no_stdio":
        handler = grpc.method_handlers_generic_handler("plugin.GRPCStdio", stdio)
        server.add_generic_rpc_handlers([handler])
    if MODE == "tcp":
        address = f"tcp|127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    else:
        path = os.path.join(tempfile.gettempdir(), f"plugin{os.getpid()}")
        server.add_insecure_port(f"unix:{quote(path)}")
        address = f"unix|{path}"
    server.start()
    return address


def leave_a_socket():
    path = os.path.join(tempfile.gettempdir(), f"plugin{os.getpid()}")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    return f"unix|{path}"


def main():
    cookie = os.environ.get("HttpRunnerPlus")  # noqa: SIM112
    if cookie != "debugtalk" or os.environ["HRP_PLUGIN_TYPE"] != "grpc":
        sys.exit("This binary is a plugin. These are not meant to be executed directly.")
    if MODE == "other_text":
        print("I am not a plugin", flush=True)
        sys.exit(0)
    if MODE == "hangs":
        print("starting", flush=True)
        time.sleep(60)
    if MODE == "panics":
        panic("in init")
    if MODE == "nobody_there":
        print(f"1|1|{leave_a_socket()}|grpc|", flush=True)
        time.sleep(60)
    limits = [("grpc.max_receive_message_length", 4 * 1024 * 1024)]
    server = grpc.server(ThreadPoolExecutor(100), options=limits)
    address = serve(server)
    version, kind = ("2" if MODE == "version" else "1"), ("netrpc" if MODE == "netrpc" else "grpc")
    print("hello from init", end="" if MODE == "dirty" else "\n")
    print(f"1|{version}|{address}|{kind}|", flush=True)
    threading.Event().wait()


main()
