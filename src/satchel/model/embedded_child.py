"""The process that runs the embedded model: llama.cpp's own server on a loopback port.

One JSON line comes in on stdin (`gguf`, `name`, `context`, `threads`, `device`, `token`); one goes
out on stdout: `{"url": …, "device": …}`, `{"error": …}` where llama.cpp cannot load the file, or
`{"refused": …}` where the device that was asked for is not here. The process ends when its stdin
closes, which also happens when its parent is killed. What llama.cpp prints goes nowhere.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

CPU = "CPU"
ALL_LAYERS = 9_999  # llama.cpp takes as many as there are
NOISE = 8_000_000  # bytes of a GPU that come and go without us


def main() -> None:
    """Serve until stdin closes."""
    # The answer goes to a copy of stdout; libraries then find both outputs closed to them.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    given = sys.stdin.buffer
    config = json.loads(given.readline())
    # Watched from the start, so that a parent who dies while the model loads is noticed too.
    ended = threading.Thread(target=_end_with, args=(given,), daemon=True)
    ended.start()
    try:
        server, device = _serve(config)
    except NoGpu as refused:
        print(json.dumps({"refused": str(refused)}), file=answer, flush=True)
        os._exit(1)
    except Exception as error:  # whatever llama.cpp raises is told to the parent
        print(json.dumps({"error": str(error) or type(error).__name__}), file=answer, flush=True)
        os._exit(1)
    told = {"url": server.listening_address, "device": device}
    print(json.dumps(told), file=answer, flush=True)
    ended.join()


class NoGpu(Exception):
    """A GPU was asked for, and llama.cpp's build here finds none."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU that llama.cpp's build finds: what it calls it, and the bytes that are free."""

    name: str
    free: int


def layers(wanted: str, gpus: Sequence[Gpu]) -> int:
    """Return how many layers go to the GPU: llama.cpp's own count (-1), none or all. Pure.

    Raises NoGpu where one was asked for and there is none.
    """
    if wanted == "gpu" and not gpus:
        raise NoGpu("the build of llama.cpp here finds none")
    if wanted == "cpu" or not gpus:
        return 0
    return ALL_LAYERS if wanted == "gpu" else -1


def taken(before: Sequence[Gpu], after: Sequence[Gpu]) -> str:
    """Tell by the memory that is gone which device a model was loaded to. Pure."""
    gone = [(was.free - now.free, was.name) for was, now in zip(before, after, strict=False)]
    used = [f"GPU {name} ({count / 1e6:,.0f} MB of it)" for count, name in gone if count > NOISE]
    return ", ".join(used) or CPU


def _gpus(xllamacpp: Any) -> list[Gpu]:
    kinds = xllamacpp.ggml_backend_dev_type
    wanted = {kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU}
    return [
        Gpu(str(row["description"] or row["name"]), int(row["memory_free"]))
        for row in xllamacpp.get_device_info()
        if row["type"] in wanted
    ]


def _serve(config: dict[str, Any]) -> tuple[Any, str]:
    import xllamacpp  # type: ignore[import-untyped]  # ships no stubs

    gpus = _gpus(xllamacpp)
    params = xllamacpp.CommonParams()
    params.n_gpu_layers = layers(config["device"], gpus)
    # Without a layer there, a GPU would still be lent the cache and single large products.
    params.no_kv_offload = params.no_op_offload = params.n_gpu_layers == 0
    params.model.path = config["gguf"]
    params.model_alias = {config["name"]}
    params.n_ctx, params.n_parallel = config["context"], 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config["threads"]
    params.verbosity, params.ui, params.offline = -1, False, True
    params.endpoint_slots = False
    # Without these its port would answer any page of any browser.
    params.api_keys = [config["token"]]
    params.cors_origins, params.cors_origins_explicit = "http://127.0.0.1", True
    server = xllamacpp.Server(params)
    return server, taken(gpus, _gpus(xllamacpp))


def _end_with(given: BinaryIO) -> None:
    while given.read(4096):
        pass
    os._exit(0)  # nothing is kept in memory that would have to be saved


if __name__ == "__main__":
    main()
