"""The other side of `cargo bench --bench vs_torch`: runs a network when told to, and says how long it took.

Reads a JSON object a line, answers each with one:
  {"threads": 2}                                                          -> {"torch": "2.x"}
  {"network": "unet", "config": {...}, "weights": FILE or null,
   "inputs": FILE, "output": FILE}                                        -> {}         built, run once, its result written
  {"run": true}                                                           -> {"seconds": 0.1}
Files are safetensors. Without weights the parameters are random.
"""

import json
import sys
import time

import torch
from safetensors.torch import load_file, save_file

from networks import NETWORKS


def build(order):
    network = NETWORKS[order["network"]](order["config"]).eval()
    if order["weights"]:
        prefix, wanted = network.PREFIX, network.state_dict()
        held = {name.removeprefix(prefix): tensor.float() for name, tensor in load_file(order["weights"]).items()}
        network.load_state_dict({name: held[name] for name in wanted})
    inputs = load_file(order["inputs"])
    save_file({"output": network(**inputs).contiguous()}, order["output"])
    return lambda: network(**inputs)


def main():
    run = None
    for line in sys.stdin:
        order, answer = json.loads(line), {}
        if "threads" in order:
            torch.set_num_threads(order["threads"])
            answer["torch"] = torch.__version__
        elif "run" in order:
            begun = time.perf_counter()
            run()
            answer["seconds"] = time.perf_counter() - begun
        else:
            run = None
            run = build(order)
        print(json.dumps(answer), flush=True)


with torch.inference_mode():
    main()
