"""Act as a plugin process that sends bad frames: greet, read one call, then follow the mode.

It is started as the interpreter of a plugin; the environment has the mode as FAKE_MODE. Only the
first process sends bad frames: the file FAKE_LIVES counts the processes, and later ones answer
every call.
"""

import json
import os
import socket
import struct
import sys
import time

HEADER = struct.Struct("<HBBQIf")
READY, RESULT = 2, 6


def frame(kind, call_id, payload=b"", magic=0x7462, version=1, length=None):
    length = len(payload) if length is None else length
    return HEADER.pack(magic, version, kind, call_id, length, 0.0) + payload


def read_frame(sock):
    head = sock.recv(HEADER.size, socket.MSG_WAITALL)
    if len(head) < HEADER.size:
        sys.exit(0)
    _, _, kind, call_id, length, _ = HEADER.unpack(head)
    payload = sock.recv(length, socket.MSG_WAITALL) if length else b""
    return kind, call_id, payload


def answer(call_id):
    return frame(RESULT, call_id, b'"answer %d"' % call_id)


MODES = {
    "magic": lambda i: frame(RESULT, i, b"1", magic=0x1234),
    "version": lambda i: frame(RESULT, i, b"1", version=9),
    "length": lambda i: frame(RESULT, i, b"1", length=0xFFFFFFFF),
    "kind": lambda i: frame(99, i, b"1"),
    "unknown_id": lambda i: frame(RESULT, i + 1000, b'"not yours"'),
    "twice": lambda i: answer(i) + answer(i),
    "not_json": lambda i: frame(RESULT, i, b"{"),
    "bad_error": lambda i: frame(8, i, b'{"no": "list"}'),
    "half": lambda i: answer(i)[:-3],
}


def main():
    sock = socket.socket(fileno=int(sys.argv[-2]))
    lives, mode = os.environ["FAKE_LIVES"], os.environ["FAKE_MODE"]
    with open(lives, "a+") as file:
        file.write("x")
        file.seek(0)
        life = len(file.read())
    read_frame(sock)
    hello = {"python": "3.0.0", "functions": {"f": []}}
    sock.sendall(frame(READY, 0, json.dumps(hello).encode()))
    if mode == "leaves" and life == 1:
        sys.exit(3)
    while True:
        kind, call_id, _ = read_frame(sock)
        if kind == 11:
            sys.exit(0)
        if life > 1:
            sock.sendall(answer(call_id))
        elif mode == "bytewise":
            for byte in answer(call_id):
                sock.sendall(bytes([byte]))
        else:
            sock.sendall(MODES[mode](call_id))
            if mode == "half":
                sys.exit(0)
            time.sleep(60)


main()
