"""A scripted engine: a real child process that speaks the wire and then does what a script file says.

The script is a JSON list of steps, run after the hellos and `run`:
  {"send": {...}}        a message            {"sleep": seconds}
  {"ask": {...}}         a message, then wait for the reply, which is kept in the job folder as replies.json
  {"result": [[start, end, text], ...], "written": [...], "findings": [...]}    write the documents, send `result`; of a job that is a film: the film
  {"raw": "text"}        bytes that are no message        {"exit": status}        {"deaf": true}    ignore cancel and SIGTERM
  {"no_hello": true} and {"protocol": n} count from the start.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

inbox: queue.Queue[Any] = queue.Queue()
deaf = threading.Event()


def send(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


def listen() -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "cancel" and not deaf.is_set():
            send({"type": "cancelled"})
            os._exit(0)
        inbox.put(message)
    if not deaf.is_set():
        os._exit(0)


def document(request: dict[str, Any], register: str, cues: list[list[Any]], findings: list[Any]) -> dict[str, Any]:
    return {
        "schema": "document/1",
        "rate": request["rate"],
        "drop_frame": request["drop_frame"],
        "start_frame": request["start_frame"] + (request["in_frame"] or 0),
        "language": "yue",
        "register": register,
        "cues": [{"id": f"c{n}", "start_frame": one[0], "end_frame": one[1], "text": one[2]} for n, one in enumerate(cues, 1)],
        "findings": findings,
    }


def finish(job: str, step: dict[str, Any]) -> None:
    with open(os.path.join(job, "request.json"), encoding="utf-8") as file:
        request = json.load(file)
    if request.get("task") == "render":
        with open(request["out"], "wb") as out, open(request["input"], "rb") as clean:
            out.write(clean.read() + b"burnt in")
        send({"type": "result", "job": job, "film": request["out"]})
        return
    first = "written" if request["register"] == "written" else "spoken"
    documents = {"document.json": (first, step["result"])}
    if request["register"] == "both":
        documents["document.written.json"] = ("written", step.get("written", step["result"]))
    for name, (register, cues) in documents.items():
        with open(os.path.join(job, name), "w", encoding="utf-8") as file:
            json.dump(document(request, register, cues, step.get("findings", [])), file)
    path = os.path.join(job, "document.json")
    send({"type": "result", "job": job, "document": path, "deliverables": [], "cues": len(step["result"]), "findings": [], "seconds": {}})


def perform(job: str, step: dict[str, Any], replies: list[Any]) -> None:
    if "send" in step:
        send(step["send"])
    elif "ask" in step:
        send(step["ask"])
        replies.append(inbox.get())
        with open(os.path.join(job, "replies.json"), "w", encoding="utf-8") as file:
            json.dump(replies, file)
    elif "sleep" in step:
        time.sleep(step["sleep"])
    elif "raw" in step:
        sys.stdout.buffer.write(step["raw"].encode("utf-8"))
        sys.stdout.buffer.flush()
    elif "exit" in step:
        sys.stderr.write("the engine fell over\n")
        sys.stderr.flush()
        os._exit(step["exit"])
    elif "result" in step:
        finish(job, step)


def main(script: str) -> None:
    with open(script, encoding="utf-8") as file:
        steps = json.load(file)
    options = {key: value for step in steps for key, value in step.items() if key in ("protocol", "no_hello", "deaf")}
    if options.get("deaf"):
        deaf.set()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=listen, daemon=True).start()
    if not options.get("no_hello"):
        send({"type": "hello", "protocol": options.get("protocol", 1), "version": "0.1.0", "pid": os.getpid()})
    inbox.get()  # hello
    job = inbox.get()["job"]
    replies: list[Any] = []
    for step in steps:
        perform(job, step, replies)
    sys.stdout.flush()
    os._exit(0)  # the listening thread still holds standard input


if __name__ == "__main__":
    main(sys.argv[1])
